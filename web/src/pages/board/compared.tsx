// Owns the board's comparisons: with the days before, and by other boundaries; what they put in place of the plain counts.
import { useMemo } from "react";
import type { Theme } from "../../state/theme";
import { AsByPicker } from "../../features/comparison/AsByPicker";
import { signed } from "../../features/comparison/changes";
import { CompareLegend, totalText } from "../../features/comparison/CompareLegend";
import { ComparePicker, comparedWith } from "../../features/comparison/ComparePicker";
import { shapesDrawn } from "../../features/comparison/otherwise";
import { DIVERGING } from "../../features/comparison/ramp";
import { useComparison } from "../../features/comparison/useComparison";
import { useBoundaries, usePlans } from "../../features/comparison/useOtherwise";
import { Whose } from "../../features/comparison/Whose";
import { NOTHING } from "../../features/hotspots/drawn";
import { useText } from "../../i18n/language";
import { dayText, number } from "../../i18n/text";
import { otherAreas } from "../../map/layers/otherwise";
import { useMay } from "../../state/session";
import { Drop } from "../../design/Drop";
import { Trouble } from "../../design/Trouble";
import { addDays, dayOf, isDay } from "../../time/days";
import type { Added, Board, LegendRows, Reading } from "./slots";
import type { Against, BoardView } from "./view";

interface Compared extends Pick<Added, "fragments" | "data" | "reading" | "controls" | "notices"> {
  readonly legend: LegendRows | null;
}

/** How long the window is that a comparison takes where none was chosen. */
const USUAL_DAYS: Readonly<Record<Against, number>> = { week: 7, month: 28, year: 28 };

export function useCompared(board: Board): Compared {
  const { view, change, asked, shown, city, base, theme, classed } = board;
  const { level, against, hidden, paint, selected } = view;
  const asBy = view.of === "cases" ? null : view.asBy;
  const text = useText();
  const readsPlans = useMay()("plans.read");
  const open = view.from === null && view.to === null;
  const comparison = useComparison({ city, level, asked, shown, against: open ? null : against, asBy });
  const plans = usePlans(readsPlans).data ?? NO_PLANS;
  const boundaries = useBoundaries(level, asBy);
  const first = city.incidents_from === null ? "1970-01-01" : dayOf(city.incidents_from, city.timezone);
  const lines = comparison === null ? [] : comparedWith(text, comparison, first, city.timezone);

  const changes = comparison?.changes;
  const compared = useMemo(() => (changes === undefined ? null : comparedReading(changes, theme, (value) => number(text.lang, value))), [changes, theme, text]);
  const over = asBy === null || against === null || open ? classed : compared;
  const other = boundaries.data;
  const colours = paint === "areas" ? (over?.colours ?? NO_COLOURS) : null;
  const fragments = useMemo(() => (asBy === null ? [] : [otherAreas(base, { colours, hidden, selected })]), [asBy, base, colours, hidden, selected]);
  const data = useMemo(
    () => (asBy === null ? NO_DATA : { "as-by": other === undefined || over === null ? NOTHING : shapesDrawn(other, over.byArea) }),
    [asBy, other, over],
  );

  const compareLegend = comparison === null ? null : <CompareLegend comparison={comparison} lines={lines} theme={theme} />;
  // Those in force are not coloured where others are drawn over them.
  const reading: Reading | null =
    asBy === null
      ? compared === null || comparison === null ? null : { ...compared, hidden: NONE, legend: compareLegend }
      : { byArea: over?.byArea ?? NO_CLASS, colours: NO_COLOURS, hidden, figures: compared?.figures ?? NO_FIGURES, legend: compareLegend };

  const summary = [against === null ? null : text(`signals.compare.${against}`), asBy === null ? null : isDay(asBy) ? dayText(text.lang, asBy, true) : (plans.find((plan) => plan.id === asBy)?.name ?? asBy)].filter((part) => part !== null).join(" · ");
  const today = dayOf(new Date().toISOString(), city.timezone);
  const error = comparison?.error ?? boundaries.error;
  return {
    fragments,
    data,
    reading,
    legend: comparison === null ? null : { title: [text("signals.compare.legend"), ...lines, totalText(text, comparison)].join(" · "), rows: stepRows(text, theme, comparison.changes) },
    controls: (
      <Drop label={text("signals.compare.both")} summary={summary === "" ? text("signals.compare.none") : summary} active={summary !== ""}>
        <ComparePicker
          value={against}
          onChange={(next) => {
            const last = shown?.to;
            if (next !== null && open && last !== undefined) change({ against: next, from: addDays(last, 1 - USUAL_DAYS[next]), to: null, cumulative: false });
            else change({ against: next });
          }}
        />
        {readsPlans && view.of === "incidents" ? <AsByPicker value={asBy} plans={plans} today={today} onChange={(next) => change({ ...ended(view), asBy: next, ...(next === null ? {} : { paint: "areas" as const }) })} /> : null}
      </Drop>
    ),
    notices: (
      <>
        {asBy === null ? null : <Whose asBy={asBy} plans={plans} busy={boundaries.isFetching} onEnd={() => change(ended(view))} />}
        {against !== null && open ? <p className="notice">{text("signals.compare.open")}</p> : null}
        {comparison?.known === "none" ? (
          <p className="notice" role="status">
            {lines[0]}
          </p>
        ) : null}
        {error === null ? null : (
          <Trouble
            error={error}
            onRetry={() => {
              comparison?.retry();
              void boundaries.refetch();
            }}
          />
        )}
      </>
    ),
  };
}

/** Areas that are there by these boundaries alone are not chosen by others. */
const ended = ({ behind, selected }: BoardView): Partial<BoardView> => ({
  asBy: null,
  hidden: [],
  selected: selected?.startsWith("-") === true ? null : selected,
  behind: behind?.id?.startsWith("-") === true ? null : behind,
});

const NONE: readonly number[] = [];
const NO_COLOURS: readonly string[] = [];
const NO_PLANS: NonNullable<ReturnType<typeof usePlans>["data"]> = [];
const NO_DATA = {};
const NO_CLASS: ReadonlyMap<string, number> = new Map();
const NO_FIGURES: ReadonlyMap<string, string> = new Map();

type Changes = NonNullable<NonNullable<ReturnType<typeof useComparison>>["changes"]>;

const comparedReading = (changes: Changes, theme: Theme, write: (value: number) => string) => ({
  byArea: new Map(changes.map((one) => [one.id, one.step + 2])),
  colours: DIVERGING[theme].steps,
  figures: new Map(changes.map((one) => [one.id, signed(one.difference, write)])),
});

function stepRows(text: ReturnType<typeof useText>, theme: Theme, changes: Changes | undefined): LegendRows["rows"] {
  return ([4, 3, 2, 1, 0] as const).map((index) => ({
    colour: DIVERGING[theme].steps[index],
    words: text(`signals.compare.step.${index}`),
    figure: text("legend.areas", { n: changes?.filter((one) => one.step + 2 === index).length ?? 0 }),
  }));
}
