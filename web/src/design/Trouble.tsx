// Owns how a failure is told: what happened, in which field, what to do, and a way to try again.
import { Malformed } from "../api/check";
import { Problem, Unreachable } from "../api/http";
import { useText } from "../i18n/language";
import type { Text } from "../i18n/text";

export function saysError(text: Text, error: unknown): string {
  if (error instanceof Unreachable) return text("error.unreachable");
  if (error instanceof Malformed) return text("error.malformed");
  if (error instanceof Problem) return error.message;
  return text("error.unknown");
}

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
      {onRetry === undefined ? null : (
        <button type="button" className="button" onClick={onRetry}>
          {text("error.retry")}
        </button>
      )}
    </div>
  );
}
