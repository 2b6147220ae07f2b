// Owns the panel that says what the map shows: category, level, measure, way of drawing.
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
  readonly categories: readonly Category[];
  readonly trouble: Error | null;
  readonly onRetry: () => void;
}

export function Controls({ view, change, levels, categories, trouble, onRetry }: Props) {
  const text = useText();
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
      <Segmented label={text("level")} value={view.level} choices={levels.map((level) => ({ value: level, label: text(`level.${level}`) }))} onChange={(level) => change({ level, hidden: [] })} />
      <Segmented
        label={text("measure")}
        value={view.measure}
        choices={[
          { value: "count", label: text("measure.count") },
          { value: "rate", label: text("measure.rate") },
        ]}
        onChange={(measure) => change({ measure, hidden: [] })}
      />
    </div>
  );
}
