// Owns the panel that says what the map shows: category, level, measure, way of drawing.
import type { ReactNode } from "react";
import type { Category } from "../../api/duties";
import type { Level } from "../../api/city";
import { Segmented } from "../../design/Segmented";
import { Trouble } from "../../design/Trouble";
import { CategoryPicker } from "../../features/duties/CategoryPicker";
import { useText } from "../../i18n/language";
import type { ChangeView } from "../../state/useView";
import type { View } from "../../state/view";

interface Props {
  readonly view: View;
  readonly change: ChangeView;
  readonly levels: readonly Level[];
  /** Whether there is anything to count for whoever looks; without, there is the level alone. */
  readonly counts: boolean;
  readonly categories: readonly Category[];
  readonly trouble: Error | null;
  readonly onRetry: () => void;
  /** Below all else. */
  readonly children?: ReactNode;
}

export function Controls({ view, change, levels, counts, categories, trouble, onRetry, children }: Props) {
  const text = useText();
  const level = <Segmented label={text("level")} value={view.level} choices={levels.map((one) => ({ value: one, label: text(`level.${one}`) }))} onChange={(next) => change({ level: next, hidden: [] })} />;
  if (!counts) return <div className="controls-body">{level}{children}</div>;
  return (
    <div className="controls-body">
      <CategoryPicker label={text("category")} categories={categories} value={view.category} groups emptyLabel={text("category.all")} onChange={(category) => change({ category, hidden: [] })} />
      {trouble === null ? null : <Trouble error={trouble} onRetry={onRetry} />}
      <Segmented
        label={text("paint")}
        value={view.paint}
        choices={[
          { value: "areas", label: text("paint.areas") },
          { value: "heat", label: text("paint.heat") },
        ]}
        onChange={(paint) => change({ paint, hidden: [] })}
      />
      {level}
      <Segmented
        label={text("measure")}
        value={view.measure}
        choices={[
          { value: "count", label: text("measure.count") },
          { value: "rate", label: text("measure.rate") },
        ]}
        onChange={(measure) => change({ measure, hidden: [] })}
      />
      {children}
    </div>
  );
}
