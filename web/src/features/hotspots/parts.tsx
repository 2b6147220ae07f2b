// Owns what every kind of finding is shown with: the sentence, waiting with a way to stop, the assumptions, a row.
import type { UseQueryResult } from "@tanstack/react-query";
import { type ReactNode, useEffect, useState } from "react";
import { Trouble } from "../../design/Trouble";
import { useText } from "../../i18n/language";
import type { Key } from "../../i18n/zh";

interface AskedProps<T> {
  readonly query: UseQueryResult<T>;
  readonly onStop: () => void;
  readonly children: (found: T) => ReactNode;
}

/** One question: under way (with how long, and a way to stop), stopped, failed, or answered. */
export function Asked<T>({ query, onStop, children }: AskedProps<T>) {
  const text = useText();
  if (query.data !== undefined) {
    return (
      <div aria-busy={query.isFetching}>
        {children(query.data)}
      </div>
    );
  }
  if (query.isFetching) return <Waiting onStop={onStop} />;
  if (query.error !== null) return <Trouble error={query.error} onRetry={() => void query.refetch()} />;
  return (
    <div className="finding-note">
      <p>{text("signals.stopped")}</p>
      <button type="button" className="button" onClick={() => void query.refetch()}>
        {text("signals.again")}
      </button>
    </div>
  );
}

function Waiting({ onStop }: { readonly onStop: () => void }) {
  const text = useText();
  const [seconds, setSeconds] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => setSeconds((before) => before + 1), 1000);
    return () => clearInterval(timer);
  }, []);
  return (
    <div className="finding-note" role="status">
      <progress aria-label={text("signals.working")} />
      <p>{seconds < 2 ? text("signals.working") : text("signals.working.long", { n: seconds })}</p>
      <button type="button" className="button" onClick={onStop}>
        {text("signals.stop")}
      </button>
    </div>
  );
}

export const Said = ({ children }: { readonly children: ReactNode }) => <p className="finding-said">{children}</p>;

/** How it was worked out, what it takes for granted, what it cannot see: one key each. */
export function Method({ keys }: { readonly keys: readonly Key[] }) {
  const text = useText();
  return (
    <details className="finding-method">
      <summary>{text("signals.method")}</summary>
      {keys.map((key) => (
        <p key={key}>{text(key)}</p>
      ))}
    </details>
  );
}

interface RowProps {
  readonly mark: ReactNode;
  readonly title: ReactNode;
  readonly figure: ReactNode;
  readonly below: ReactNode;
  readonly beside?: ReactNode;
  readonly chosen: boolean;
  readonly onChoose: () => void;
}

/** One finding: its sign as on the map, what and where, how many; the whole row opens it. */
export function Row({ mark, title, figure, below, beside, chosen, onChoose }: RowProps) {
  return (
    <li>
      <button type="button" className="finding" aria-pressed={chosen} onClick={onChoose}>
        <span className="finding-mark">{mark}</span>
        <span className="finding-title">{title}</span>
        <span className="finding-figure">{figure}</span>
        <span className="finding-below">{below}</span>
        {beside === undefined ? null : <span className="finding-beside">{beside}</span>}
      </button>
    </li>
  );
}

const PAGE = 12;

/** The first rows, and more on demand. */
export function Rows<T>({ items, children }: { readonly items: readonly T[]; readonly children: (item: T, index: number) => ReactNode }) {
  const text = useText();
  const [most, setMost] = useState(PAGE);
  return (
    <>
      <ol className="findings">{items.slice(0, most).map((item, index) => children(item, index))}</ol>
      {items.length > most ? (
        <button type="button" className="button findings-more" onClick={() => setMost(most + PAGE)}>
          {text("table.more", { n: Math.min(PAGE, items.length - most) })}
        </button>
      ) : null}
    </>
  );
}
