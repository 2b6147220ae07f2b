// Owns what was decided on a plan before: who said no and why, what was taken back, what nobody decided in time.
import type { Approval } from "../../api/approvals";
import { useText } from "../../i18n/language";
import { instantText } from "../../i18n/text";

export function Decisions({ approvals, zone }: { readonly approvals: readonly Approval[]; readonly zone: string }) {
  const text = useText();
  const said = approvals.flatMap((one) => {
    const sentence = words(one);
    return sentence === null ? [] : [{ id: one.id, sentence }];
  });
  if (said.length === 0) return null;
  return (
    <section className="decisions">
      <h3>{text("plans.publish.before")}</h3>
      <ul>
        {said.map((one) => (
          <li key={one.id}>{one.sentence}</li>
        ))}
      </ul>
    </section>
  );

  function words(one: Approval): string | null {
    const when = instantText(text.lang, one.decided_at ?? one.expires_at, zone);
    const note = one.note ?? "—";
    switch (one.state) {
      case "refused":
        return text("plans.publish.refused", { who: one.decided_by ?? "—", when, note });
      case "withdrawn":
        return text("plans.publish.withdrawn", { when, note });
      case "expired":
        return text("plans.publish.expired", { when });
      case "approved":
      case "taken":
      case "pending":
        return null;
    }
  }
}
