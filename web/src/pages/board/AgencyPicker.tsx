// Owns choosing an agency by name or code.
import { useState } from "react";
import type { Agency } from "../../api/agencies";
import { Combobox } from "../../design/Combobox";
import { SearchIcon } from "../../design/icons";
import { useText } from "../../i18n/language";

interface Props {
  readonly agencies: readonly Agency[];
  readonly onChoose: (id: string) => void;
}

export function AgencyPicker({ agencies, onChoose }: Props) {
  const text = useText();
  const [query, setQuery] = useState<string | null>(null);
  const wanted = (query ?? "").trim().toLowerCase();
  const found = agencies.filter(({ code, names }) => [code, names.zh, names.en].some((one) => one.toLowerCase().includes(wanted)));
  return (
    <Combobox
      label={text("board.agency")}
      placeholder={text("board.agency.placeholder")}
      value=""
      query={query}
      onQuery={setQuery}
      options={found.map((one) => ({
        key: one.id,
        content: (
          <>
            <span className="grow">{one.names[text.lang]}</span>
            <span className="soft">{one.code}</span>
          </>
        ),
        ...(one.parent === null ? {} : { className: "inset" }),
      }))}
      onChoose={onChoose}
      clearLabel={text("search.clear")}
      message={query !== null && found.length === 0 ? text("board.agency.none") : undefined}
      icon={<SearchIcon />}
    />
  );
}
