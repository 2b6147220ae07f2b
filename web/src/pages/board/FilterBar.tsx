// Owns the bar of the board: what is counted, narrowed by what, and how it is shown; as compact controls.
import type { ReactNode } from "react";
import type { Agency } from "../../api/agencies";
import type { City, Level } from "../../api/city";
import { measuresOf, OFS } from "../../api/counts";
import type { Category } from "../../api/duties";
import { Checks, Drop, Pick } from "../../design/Drop";
import { CloseIcon } from "../../design/icons";
import { measureWord } from "../../features/analytics/measures";
import { stateWord } from "../../features/analytics/words";
import { categoryName, CategoryPicker } from "../../features/duties/CategoryPicker";
import { channelWord, statusWord } from "../../features/incidents/words";
import { useText } from "../../i18n/language";
import { AreaPicker, NamePicker } from "./NamePicker";
import type { ChangeBoard } from "./useBoard";
import { type BoardView, CHANNELS, PAINTS, statesOf } from "./view";

interface Props {
  readonly city: City;
  readonly view: BoardView;
  readonly change: ChangeBoard;
  readonly levels: readonly Level[];
  readonly categories: readonly Category[];
  readonly agencies: readonly Agency[];
  /** Whether cases may be counted. */
  readonly cases: boolean;
  readonly areaName: string | null;
  /** What other parts of the board add. */
  readonly children?: ReactNode;
}

export function FilterBar({ city, view, change, levels, categories, agencies, cases, areaName, children }: Props) {
  const text = useText();
  const some = (chosen: readonly string[], one: (value: string) => string): string => {
    const [first] = chosen;
    if (first === undefined) return text("board.every");
    return chosen.length === 1 ? one(first) : text("board.some", { n: chosen.length });
  };
  const categoryOf = (code: string): string => categoryName(categories, code, text.lang);
  const agencyOf = (id: string): string => agencies.find((one) => one.id === id)?.names[text.lang] ?? id;
  const areaOf = (id: string): string => areaName ?? id;
  const stateOf = (state: string): string => (view.of === "cases" ? stateWord(state, text) : statusWord(state, text));
  const chosen = (values: readonly string[], nameOf: (value: string) => string, onChange: (values: readonly string[]) => void): ReactNode =>
    values.length === 0 ? null : (
      <ul className="chips">
        {values.map((value) => (
          <li key={value}>
            <button type="button" className="button chip" aria-label={text("board.remove", { name: nameOf(value) })} onClick={() => onChange(values.filter((one) => one !== value))}>
              {nameOf(value)}
              <CloseIcon />
            </button>
          </li>
        ))}
      </ul>
    );
  const add = (values: readonly string[], value: string | null): readonly string[] => (value === null || values.includes(value) ? values : [...values, value]);
  const anew = { hidden: [], selected: view.selected } as const;
  return (
    <section className="board-bar" aria-label={text("board.filters")}>
      {cases ? <Pick label={text("board.of")} value={view.of} choices={OFS.map((value) => ({ value, label: text(`board.of.${value}`) }))} onChange={(of) => change({ of, ...anew })} /> : null}
      <Drop label={text("board.category")} summary={some(view.categories, categoryOf)} active={view.categories.length > 0}>
        <CategoryPicker label={text("board.category.add")} categories={categories} value={null} groups emptyLabel={text("category.placeholder")} onChange={(code) => change({ categories: add(view.categories, code), ...anew })} />
        {chosen(view.categories, categoryOf, (next) => change({ categories: next, ...anew }))}
      </Drop>
      <Drop label={text("board.agency")} summary={some(view.agencies, agencyOf)} active={view.agencies.length > 0}>
        <NamePicker label={text("board.agency")} none={text("board.agency.none")} items={agencies.map((one) => ({ ...one, inset: one.parent !== null }))} onChoose={(id) => change({ agencies: add(view.agencies, id), ...anew })} />
        {chosen(view.agencies, agencyOf, (next) => change({ agencies: next, ...anew }))}
      </Drop>
      <Drop label={text("board.channel")} summary={some(view.channels, (one) => channelWord(one, text))} active={view.channels.length > 0}>
        <Checks choices={CHANNELS.map((value) => ({ value, label: channelWord(value, text) }))} chosen={view.channels} onChange={(channels) => change({ channels, ...anew })} />
      </Drop>
      <Drop label={text("board.state")} summary={some(view.states, stateOf)} active={view.states.length > 0}>
        <Checks choices={statesOf(view.of).map((value) => ({ value, label: stateOf(value) }))} chosen={view.states} onChange={(states) => change({ states, ...anew })} />
      </Drop>
      <Drop label={text("board.area")} summary={view.area === null ? text("board.every") : areaOf(view.area)} active={view.area !== null}>
        <AreaPicker city={city} onChoose={(area) => change({ area, hidden: [], selected: null })} />
        {chosen(view.area === null ? [] : [view.area], areaOf, () => change({ area: null, ...anew }))}
      </Drop>
      <span className="bar-gap" />
      <Pick label={text("board.level")} value={view.level} choices={levels.map((value) => ({ value, label: text(`level.${value}`) }))} onChange={(level) => change({ level, hidden: [], selected: null })} />
      <Pick label={text("board.measure")} value={view.measure} choices={measuresOf(view.of).map((value) => ({ value, label: measureWord(text, value) }))} onChange={(measure) => change({ measure, hidden: [] })} />
      {view.of === "cases" ? null : (
        <Pick label={text("board.paint")} value={view.paint} choices={PAINTS.map((value) => ({ value, label: text(`board.paint.${value}`) }))} onChange={(paint) => change({ paint, hidden: [] })} />
      )}
      {children}
    </section>
  );
}
