// Owns the board's comparisons: with the days before, and by other boundaries; what they put in place of the plain counts.
import { useMemo } from "react";
import type { Theme } from "../../state/theme";
import { classesFor, classify, classOf, rangeOf } from "../../features/analytics/breaks";
import { Legend } from "../../features/analytics/Legend";
import { ramp } from "../../features/analytics/ramp";
import { AsByPicker } from "../../features/comparison/AsByPicker";
import { signed } from "../../features/comparison/changes";
import { CompareLegend, totalText } from "../../features/comparison/CompareLegend";
import { ComparePicker, comparedWith } from "../../features/comparison/ComparePicker";
import { namesDrawn, shapesDrawn } from "../../features/comparison/otherwise";
import { DIVERGING } from "../../features/comparison/ramp";
import { useComparison } from "../../features/comparison/useComparison";
import { useBoundaries, useCountsBy, usePlans } from "../../features/comparison/useOtherwise";
import { Whose } from "../../features/comparison/Whose";
import { NOTHING } from "../../features/hotspots/drawn";
import { useText } from "../../i18n/language";
import { dayText, levelWord, number } from "../../i18n/text";
import { otherAreas } from "../../map/layers/otherwise";
import { useMay } from "../../state/session";
import { Drop } from "../../design/Drop";
import { Trouble } from "../../design/Trouble";
import { addDays, dayOf, isDay } from "../../time/days";
import type { Added, Board, LegendRows, Reading } from "./slots";
import type { Against } from "./view";

interface Compared extends Pick<Added, "fragments" | "data" | "reading" | "controls" | "notices"> {
  readonly legend: LegendRows | null;
}

/** How long the window is that a comparison takes where none was chosen. */
const USUAL_DAYS: Readonly<Record<Against, number>> = { week: 7, month: 28, year: 28 };

export function useCompared(board: Board): Compared {
  const { view, change, asked, shown, city, base, theme } = board;
  const { level, against, hidden } = view;
  const asBy = view.of === "cases" ? null : view.asBy;
  const text = useText();
  const readsPlans = useMay()("plans.read");
  const open = view.from === null && view.to === null;
  const comparison = useComparison({ city, level, asked, shown, against: open ? null : against, asBy });
  const plans = usePlans(readsPlans).data ?? NO_PLANS;
  const boundaries = useBoundaries(level, asBy);
  const by = useCountsBy(level, asked, asBy);
  const first = city.incidents_from === null ? "1970-01-01" : dayOf(city.incidents_from, city.timezone);
  const lines = comparison === null ? [] : comparedWith(text, comparison, first, city.timezone);

  const changes = comparison?.changes;
  const compared = useMemo(() => (changes === undefined ? null : comparedReading(changes, theme, (value) => number(text.lang, value))), [changes, theme, text]);
  const plain = useMemo(() => {
    if (asBy === null || by.data?.ids === undefined || by.data.ids === null) return null;
    const { ids, counts } = by.data;
    const classes = classify(counts, classesFor(counts.length), true);
    const pairs = ids.map((id, index) => [id, counts[index] ?? 0] as const);
    return {
      classes,
      weights: new Map(pairs),
      colours: ramp(theme, classes.bins.length),
      byArea: new Map(pairs.map(([id, count]) => [id, classOf(count, classes) ?? -1])),
      figures: new Map(pairs.map(([id, count]) => [id, number(text.lang, count)])),
    };
  }, [asBy, by.data, theme, text]);

  const over = asBy === null ? null : against === null || open ? plain : compared;
  const other = boundaries.data;
  const fragments = useMemo(() => (asBy === null ? [] : [otherAreas(base, over?.colours ?? [], hidden)]), [asBy, base, over, hidden]);
  const data = useMemo(
    () =>
      asBy === null
        ? NO_DATA
        : {
            "as-by": other === undefined || over === null ? NOTHING : shapesDrawn(other, over.byArea),
            labels: other === undefined || over === null ? NOTHING : namesDrawn(other, over.figures, over.weights, text.lang),
          },
    [asBy, other, over, text],
  );

  const compareLegend = comparison === null ? null : <CompareLegend comparison={comparison} lines={lines} theme={theme} />;
  const title = text("legend.count", { level: levelWord(text, level) });
  const plainLegend =
    plain === null ? null : (
      <Legend title={title} column={text("table.count")} small={false} classes={plain.classes} colours={plain.colours} hidden={hidden} onHidden={(next) => change({ hidden: next })} blank={text("legend.none")} />
    );
  const legend = compareLegend ?? plainLegend;
  const reading: Reading | null = asBy === null ? (compared === null || comparison === null ? null : { ...compared, hidden: NONE, legend }) : { byArea: NO_CLASS, colours: [], hidden: NONE, figures: NO_FIGURES, legend };

  const summary = [against === null ? null : text(`signals.compare.${against}`), asBy === null ? null : isDay(asBy) ? dayText(text.lang, asBy, true) : (plans.find((plan) => plan.id === asBy)?.name ?? asBy)].filter((part) => part !== null).join(" · ");
  const today = dayOf(new Date().toISOString(), city.timezone);
  const error = comparison?.error ?? boundaries.error ?? by.error;
  return {
    fragments,
    data,
    reading,
    legend: comparison !== null ? { title: [text("signals.compare.legend"), ...lines, totalText(text, comparison)].join(" · "), rows: stepRows(text, theme, comparison.changes) } : plain === null ? null : { title, rows: plain.classes.bins.map((bin, index, all) => ({ colour: plain.colours[index] ?? "#888888", words: rangeOf(bin, index === all.length - 1, 0, (value) => number(text.lang, value)), figure: text("legend.areas", { n: bin.areas }) })) },
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
        {readsPlans && view.of === "incidents" ? <AsByPicker value={asBy} plans={plans} today={today} onChange={(next) => change({ asBy: next, ...(next === null ? {} : { paint: "areas" as const }) })} /> : null}
      </Drop>
    ),
    notices: (
      <>
        {asBy === null ? null : <Whose asBy={asBy} plans={plans} busy={boundaries.isFetching || by.isFetching} onEnd={() => change({ asBy: null })} />}
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
              void by.refetch();
            }}
          />
        )}
      </>
    ),
  };
}

const NONE: readonly number[] = [];
const NO_PLANS: NonNullable<ReturnType<typeof usePlans>["data"]> = [];
const NO_DATA = {};
const NO_CLASS: ReadonlyMap<string, number> = new Map();
const NO_FIGURES: ReadonlyMap<string, string> = new Map();

type Changes = NonNullable<NonNullable<ReturnType<typeof useComparison>>["changes"]>;

const comparedReading = (changes: Changes, theme: Theme, write: (value: number) => string) => ({
  byArea: new Map(changes.map((one) => [one.id, one.step + 2])),
  colours: DIVERGING[theme].steps,
  figures: new Map(changes.map((one) => [one.id, signed(one.difference, write)])),
  /** Where there is no room for all names, those that changed most have theirs. */
  weights: new Map(changes.map((one) => [one.id, Math.abs(one.difference)])),
});

function stepRows(text: ReturnType<typeof useText>, theme: Theme, changes: Changes | undefined): LegendRows["rows"] {
  return ([4, 3, 2, 1, 0] as const).map((index) => ({
    colour: DIVERGING[theme].steps[index],
    words: text(`signals.compare.step.${index}`),
    figure: text("legend.areas", { n: changes?.filter((one) => one.step + 2 === index).length ?? 0 }),
  }));
}
