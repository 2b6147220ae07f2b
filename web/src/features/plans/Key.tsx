// Owns the key of a plan's map: what each colour means, how many grids have it; a click hides and shows them.
import { useText } from "../../i18n/language";
import { number } from "../../i18n/text";

export interface KeyRow {
  readonly id: string;
  readonly label: string;
  readonly colour: string;
  readonly count: number;
}

interface Props {
  readonly title: string;
  readonly rows: readonly KeyRow[];
  readonly hidden: readonly string[];
  readonly onHidden: (hidden: readonly string[]) => void;
}

export function PlanKey({ title, rows, hidden, onHidden }: Props) {
  const text = useText();
  return (
    <section className="plan-key" aria-label={title}>
      <h2 className="label">{title}</h2>
      <ul>
        {rows.map((row) => {
          const off = hidden.includes(row.id);
          return (
            <li key={row.id}>
              <button type="button" aria-pressed={!off} onClick={() => onHidden(off ? hidden.filter((one) => one !== row.id) : [...hidden, row.id])}>
                <svg viewBox="0 0 14 14" width="14" height="14" aria-hidden="true">
                  <rect width="14" height="14" rx="2" fill={off ? "none" : row.colour} stroke="currentColor" strokeOpacity="0.35" />
                </svg>
                <span className="grow">{row.label}</span>
                <span className="help">{number(text.lang, row.count)}</span>
              </button>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
