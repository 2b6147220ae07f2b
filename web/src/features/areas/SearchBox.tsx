// Owns finding streets, places and areas by name (中文, pinyin) and handing the chosen one to the map.
import { useDeferredValue, useEffect, useMemo, useState } from "react";
import type { Hit } from "../../api/areas";
import { Combobox, type Option } from "../../design/Combobox";
import { SearchIcon } from "../../design/icons";
import { saysError } from "../../design/saysError";
import { useText } from "../../i18n/language";
import { useSearch } from "../../state/queries";

const PAUSE_MS = 180;

export function SearchBox({ onGo }: { readonly onGo: (hit: Hit) => void }) {
  const text = useText();
  const [query, setQuery] = useState<string | null>(null);
  const [chosen, setChosen] = useState("");
  const asked = usePaused((query ?? "").trim());
  const found = useSearch(asked);
  const hits = useDeferredValue(found.data);
  const options = useMemo(
    () =>
      asked === "" || query === null
        ? []
        : (hits ?? []).map(
            (hit, index): Option => ({
              key: String(index),
              content: (
                <>
                  <span className="grow">
                    {hit.names[text.lang]}
                    {hit.detail === null ? null : <span className="below">{hit.detail[text.lang]}</span>}
                  </span>
                  <span className="soft">{text(`search.kind.${hit.kind}`)}</span>
                </>
              ),
            }),
          ),
    [asked, query, hits, text],
  );

  let message: string | undefined;
  if (asked !== "" && found.isError) message = saysError(text, found.error);
  else if (asked !== "" && found.isPending) message = text("search.busy");
  else if (asked !== "" && options.length === 0 && !found.isFetching) message = text("search.none", { q: asked });

  return (
    <search className="search">
      <Combobox
        bare
        label={text("search")}
        placeholder={text("search")}
        value={chosen}
        query={query}
        onQuery={setQuery}
        options={options}
        onChoose={(key) => {
          const hit = hits?.[Number(key)];
          if (hit === undefined) return;
          setChosen(hit.names[text.lang]);
          onGo(hit);
        }}
        onClear={chosen === "" ? undefined : () => setChosen("")}
        clearLabel={text("search.clear")}
        message={message}
        icon={<SearchIcon />}
      />
    </search>
  );
}

/** The value once it has rested for a moment. */
function usePaused(value: string): string {
  const [rested, setRested] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setRested(value), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return rested;
}
