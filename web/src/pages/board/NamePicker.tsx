// Owns choosing one of many that have a name and a code: an agency, an area.
import { useState } from "react";
import { type City, levelsOf } from "../../api/city";
import { Combobox } from "../../design/Combobox";
import { SearchIcon } from "../../design/icons";
import { useText } from "../../i18n/language";
import { useAnchors } from "../../state/queries";

export interface Nameable {
  readonly id: string;
  readonly code: string;
  readonly names: { readonly zh: string; readonly en: string };
  /** Stands below another one. */
  readonly inset: boolean;
}

interface Props {
  readonly label: string;
  readonly none: string;
  readonly items: readonly Nameable[];
  readonly onChoose: (id: string) => void;
}

const MOST = 60;

export function NamePicker({ label, none, items, onChoose }: Props) {
  const text = useText();
  const [query, setQuery] = useState<string | null>(null);
  const wanted = (query ?? "").trim().toLowerCase();
  const found = query === null ? [] : items.filter(({ code, names }) => [code, names.zh, names.en].some((one) => one.toLowerCase().includes(wanted)));
  return (
    <Combobox
      label={label}
      placeholder={text("board.pick.placeholder")}
      value=""
      query={query}
      onQuery={setQuery}
      options={found.slice(0, MOST).map((one) => ({
        key: one.id,
        content: (
          <>
            <span className="grow">{one.names[text.lang]}</span>
            <span className="soft">{one.code}</span>
          </>
        ),
        ...(one.inset ? { className: "inset" } : {}),
      }))}
      onChoose={onChoose}
      clearLabel={text("search.clear")}
      message={query !== null && found.length === 0 ? none : undefined}
      icon={<SearchIcon />}
    />
  );
}

/** Areas down to communities, by code, each below the one that it lies in. Grids are chosen on the map. */
export function AreaPicker({ city, onChoose }: { readonly city: City; readonly onChoose: (id: string) => void }) {
  const text = useText();
  const districts = useAnchors(city, "district").data;
  const subdistricts = useAnchors(city, "subdistrict").data;
  const communities = useAnchors(city, "community").data;
  const [top] = levelsOf(city);
  const items = [districts, subdistricts, communities]
    .flatMap((known) => [...(known?.values() ?? [])])
    .map(({ id, code, names, level }): Nameable => ({ id, code, names, inset: level !== top }))
    .sort((a, b) => (a.code < b.code ? -1 : 1));
  return <NamePicker label={text("board.area")} none={text("board.area.none")} items={items} onChoose={onChoose} />;
}
