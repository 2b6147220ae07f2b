// Owns choosing a category (or, where the use allows, a whole group) by name, pinyin or code.
import { useMemo, useState } from "react";
import type { Category } from "../../api/duties";
import { Combobox, type Option } from "../../design/Combobox";
import { SearchIcon } from "../../design/icons";
import { useText } from "../../i18n/language";
import { grouped } from "./categorySearch";

/** Marks the options that stand for a whole group. */
const GROUP = "group:";

interface Props {
  readonly label: string;
  readonly categories: readonly Category[];
  readonly value: string | null;
  readonly groups: boolean;
  readonly emptyLabel: string;
  readonly onChange: (code: string | null) => void;
  readonly invalid?: boolean;
  readonly describedBy?: string | undefined;
}

export function CategoryPicker({ label, categories, value, groups, emptyLabel, onChange, invalid, describedBy }: Props) {
  const text = useText();
  const [query, setQuery] = useState<string | null>(null);
  const found = useMemo(() => (query === null ? [] : grouped(categories, query)), [categories, query]);

  const options = useMemo(
    () =>
      found.flatMap((group): Option[] => {
        const head: Option = {
          key: GROUP + group.code,
          className: "head",
          content: (
            <>
              <span className="grow">{group.names[text.lang]}</span>
              <span className="soft">
                {group.code} · {text("category.whole")}
              </span>
            </>
          ),
        };
        const items = group.items.map(
          (category): Option => ({
            key: category.code,
            className: "inset",
            content: (
              <>
                <span className="grow">
                  {category.names[text.lang]}
                  {groups ? null : <span className="below">{group.names[text.lang]}</span>}
                </span>
                <span className="soft">
                  {category.code}
                  {category.incidents === null ? null : ` · ${text("category.count", { n: category.incidents })}`}
                </span>
              </>
            ),
          }),
        );
        return groups && group.code !== "" ? [head, ...items] : items;
      }),
    [found, groups, text],
  );

  return (
    <Combobox
      label={label}
      placeholder={value === null ? emptyLabel : text("category.placeholder")}
      value={value === null ? "" : categoryName(categories, value, text.lang)}
      query={query}
      onQuery={setQuery}
      options={options}
      onChoose={(key) => onChange(key.startsWith(GROUP) ? key.slice(GROUP.length) : key)}
      onClear={value === null ? undefined : () => onChange(null)}
      clearLabel={text("category.clear")}
      message={query !== null && options.length === 0 ? text("category.none") : undefined}
      icon={<SearchIcon />}
      {...(invalid === undefined ? {} : { invalid })}
      describedBy={describedBy}
    />
  );
}

export function categoryName(categories: readonly Category[], code: string, lang: "zh" | "en"): string {
  const own = categories.find((category) => category.code === code);
  if (own !== undefined) return own.names[lang];
  return categories.find((category) => category.group.code === code)?.group.names[lang] ?? code;
}
