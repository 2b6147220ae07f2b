// Owns the line of versions in time: what held, what holds, what is to come; each leads to its plan.
import type { ReactNode } from "react";
import type { Plan } from "../../api/plans";
import { useText } from "../../i18n/language";
import { instantText } from "../../i18n/text";
import { lineOf, type Version } from "./line";
import { useActivations } from "./queries";

interface Props {
  readonly plans: readonly Plan[];
  readonly zone: string;
  readonly onOpen: (id: string) => void;
}

export function VersionLine({ plans, zone, onOpen }: Props) {
  const text = useText();
  const activations = useActivations();
  if (activations.data === undefined) return null;
  const versions = lineOf(activations.data, plans);
  return (
    <section className="version-line" aria-label={text("plans.line")}>
      <h2 className="label">{text("plans.line")}</h2>
      <ol>
        {versions.map((one) => (
          <li key={one.key} data-standing={one.standing}>
            {one.plan === null ? <span className="version">{inner(one)}</span> : <Opening id={one.plan} onOpen={onOpen}>{inner(one)}</Opening>}
          </li>
        ))}
      </ol>
    </section>
  );

  function inner(one: Version) {
    const soon = one.standing === "waiting" || one.standing === "coming" ? "plans.line.soon" : "plans.line.beginning";
    return (
      <>
        <span className="version-when">{one.from === null ? text(soon) : instantText(text.lang, one.from, zone)}</span>
        <strong>{one.name ?? text("plans.line.first")}</strong>
        <span className="help">{text(`plans.line.${one.standing}`)}</span>
      </>
    );
  }
}

function Opening({ id, onOpen, children }: { readonly id: string; readonly onOpen: (id: string) => void; readonly children: ReactNode }) {
  return (
    <button type="button" className="version" onClick={() => onOpen(id)}>
      {children}
    </button>
  );
}
