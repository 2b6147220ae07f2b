// Owns how a failure is told: what happened, in which field, what to do, and a way to try again.
import { Problem } from "../api/http";
import { useText } from "../i18n/language";
import { saysError } from "./saysError";

interface Props {
  readonly error: unknown;
  readonly title?: string;
  readonly onRetry?: () => void;
}

export function Trouble({ error, title, onRetry }: Props) {
  const text = useText();
  return (
    <div className="notice bad" role="alert">
      <strong>{title ?? text("error.title")}</strong>
      <p>{saysError(text, error)}</p>
      {error instanceof Problem && error.field !== null ? <p className="help">{text("error.field", { field: error.field })}</p> : null}
      {error instanceof Problem && error.remedy !== null ? <p>{error.remedy}</p> : null}
      {error instanceof Problem && error.status >= 500 && error.request !== null ? <p className="help">{text("error.request", { id: error.request })}</p> : null}
      {onRetry === undefined ? null : (
        <button type="button" className="button" onClick={onRetry}>
          {text("error.retry")}
        </button>
      )}
    </div>
  );
}
