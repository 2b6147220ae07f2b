// Owns the list of what is found: a sentence each, how grave it is; a click goes there.
import { AlertIcon } from "../../../design/icons";
import type { Finding } from "../../../features/drawing/findings";
import { useText } from "../../../i18n/language";

interface Props {
  readonly findings: readonly Finding[];
  readonly found: string | null;
  readonly onFound: (finding: Finding) => void;
}

/** So many are listed; "next place" reaches the others. */
const SHOWN = 300;

export function Findings({ findings, found, onFound }: Props) {
  const text = useText();
  if (findings.length === 0) return <p className="editor-empty">{text("drawing.finding.nothing")}</p>;
  return (
    <ul className="editor-findings">
      {findings.slice(0, SHOWN).map((finding) => (
        <li key={finding.id}>
          <button type="button" className="button plain" data-severity={finding.severity} aria-current={finding.id === found} onClick={() => onFound(finding)}>
            <AlertIcon />
            <span>
              {"key" in finding.says ? text(finding.says.key, finding.says.vars) : finding.says[text.lang]}
              <span className="below">{text(`drawing.finding.${finding.severity}`)}</span>
            </span>
          </button>
        </li>
      ))}
    </ul>
  );
}
