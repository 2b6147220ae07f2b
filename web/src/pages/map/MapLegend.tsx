// Owns how the map page's legend is called.
import type { Level } from "../../api/city";
import type { Classes } from "../../features/analytics/breaks";
import { HeatLegend, Legend } from "../../features/analytics/Legend";
import { ramp } from "../../features/analytics/ramp";
import { useText } from "../../i18n/language";
import { levelWord } from "../../i18n/text";
import type { Theme } from "../../state/theme";

interface Props {
  readonly level: Level;
  readonly measure: "count" | "rate";
  readonly paint: "areas" | "heat";
  readonly small: boolean;
  readonly theme: Theme;
  readonly classes: Classes;
  readonly hidden: readonly number[];
  readonly onHidden: (hidden: readonly number[]) => void;
}

export function MapLegend({ level, measure, paint, theme, classes, ...rest }: Props) {
  const text = useText();
  if (paint === "heat") return <HeatLegend theme={theme} />;
  const title = text(measure === "count" ? "legend.count" : "legend.rate", { level: levelWord(text, level) });
  return (
    <Legend {...rest} title={title} column={text(measure === "count" ? "table.count" : "table.rate")} classes={classes} colours={ramp(theme, classes.bins.length)} blank={text("legend.none")} />
  );
}
