// Owns the way from a draft to boundaries in force: submitting at an instant, who decides, what happens then, going back.
import { useMutation } from "@tanstack/react-query";
import { type SubmitEvent, useId, useState } from "react";
import type { Approval } from "../../api/approvals";
import { type Plan, rollBack, submitPlan, withdrawPlan } from "../../api/plans";
import { Trouble } from "../../design/Trouble";
import { useText } from "../../i18n/language";
import { instantText } from "../../i18n/text";
import { useMay, useSession } from "../../state/session";
import { instantOf, wallTime } from "../../time/days";
import { Decision } from "./Decision";
import { Decisions } from "./Decisions";
import { useApprovals, useChanges, useRefresh } from "./queries";
import { Steps } from "./Steps";

interface Props {
  readonly plan: Plan;
  readonly zone: string;
  readonly mayEdit: boolean;
  readonly onOpen: (id: string) => void;
  readonly onPreview: () => void;
}

export function PublishTab({ plan, zone, mayEdit, onOpen, onPreview }: Props) {
  const text = useText();
  const may = useMay();
  const { account } = useSession();
  const approvals = useApprovals(plan, may("approvals.read"));
  const pending = approvals.data?.find((one) => one.id === plan.approval_id && one.state === "pending") ?? null;
  const approved = approvals.data?.find((one) => one.id === plan.approval_id && (one.state === "approved" || one.state === "taken")) ?? null;
  const back = useChanges(plan.id).data?.find((one) => one.kind === "bring-back");
  const at = (instant: string): string => instantText(text.lang, instant, zone);
  const mine = account !== null && account === plan.submitted_by_account;
  return (
    <div className="tab-body publish">
      <Steps state={plan.state} />
      {back === undefined ? null : <p className="help">{back.payload.plan === null ? text("plans.publish.returns.first") : text("plans.publish.returns", { id: back.payload.plan })}</p>}
      {plan.state === "draft" && mayEdit ? <Submitting plan={plan} zone={zone} onPreview={onPreview} /> : null}
      {plan.state === "review" ? (
        <>
          <p>{sent()}</p>
          <p>{plan.wanted_from === null ? text("plans.due.soon") : text("plans.due", { when: at(plan.wanted_from) })}</p>
          {pending === null ? null : <p className="help">{text("plans.publish.waiting", { until: at(pending.expires_at) })}</p>}
          {pending !== null && may("approvals.decide") && may("plans.publish") && !mine ? (
            <Decision approval={pending} onPreview={onPreview} />
          ) : (
            <p className="notice">
              {text(mine ? "plans.publish.yours" : "plans.publish.notyours")} {text("plans.publish.second")}
            </p>
          )}
        </>
      ) : null}
      {plan.state === "approved" ? (
        <>
          <p className="coming">
            <strong>{plan.wanted_from === null ? text("plans.publish.coming.soon") : text("plans.publish.coming", { when: at(plan.wanted_from) })}</strong>
          </p>
          {decided(approved)}
          <p className="help">{text("plans.publish.then")}</p>
        </>
      ) : null}
      {(plan.state === "review" || plan.state === "approved") && mine && mayEdit ? <Withdrawing plan={plan} /> : null}
      {plan.effective_at === null ? null : <p>{text("plans.publish.effective", { when: at(plan.effective_at) })}</p>}
      {plan.state === "effective" || plan.state === "retired" ? decided(approved) : null}
      {plan.retired_at === null ? null : <p>{text("plans.publish.retired", { when: at(plan.retired_at) })}</p>}
      {plan.state === "dropped" ? <p className="notice">{text("plans.publish.dropped")}</p> : null}
      {plan.effective_at !== null && mayEdit ? <GoingBack plan={plan} onOpen={onOpen} /> : null}
      {approvals.error === null ? null : <Trouble error={approvals.error} onRetry={() => void approvals.refetch()} />}
      <Decisions approvals={(approvals.data ?? []).filter((one) => one !== pending && one !== approved)} zone={zone} />
    </div>
  );

  function sent(): string {
    const when = plan.submitted_at === null ? "" : at(plan.submitted_at);
    return plan.submitted_by_account === null ? text("plans.sent.nobody", { when }) : text("plans.sent", { who: plan.submitted_by_account, when });
  }

  function decided(by: Approval | null) {
    const who = by?.decided_by ?? null;
    const when = by?.decided_at ?? null;
    const said = by?.note ?? null;
    if (who === null || when === null) return null;
    return (
      <p className="help">
        {text("plans.publish.approved", { who, when: at(when) })}
        {said === null ? "" : ` · ${said}`}
      </p>
    );
  }
}

const DAY_MS = 86_400_000;

function Submitting({ plan, zone, onPreview }: { readonly plan: Plan; readonly zone: string; readonly onPreview: () => void }) {
  const text = useText();
  const id = useId();
  const refresh = useRefresh();
  const [soon, setSoon] = useState(true);
  // Tomorrow at the beginning of the day, by the city's clock.
  const [wall, setWall] = useState(() => `${wallTime(new Date(Date.now() + DAY_MS).toISOString(), zone).slice(0, 10)}T00:00`);
  const [past, setPast] = useState(false);
  const sending = useMutation({ mutationFn: () => submitPlan(plan.id, soon ? null : instantOf(wall, zone)), onSuccess: refresh });
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const over = !soon && Date.parse(instantOf(wall, zone)) <= Date.now();
    setPast(over);
    if (!over) sending.mutate();
  };
  const changes = useChanges(plan.id);
  // A plan that only brings boundaries back has no communities of its own.
  const empty = plan.parts === 0 && changes.data?.length === 0;
  return (
    <form className="plan-form" onSubmit={submit} aria-label={text("plans.publish.submit")}>
      <fieldset className="radios">
        <legend className="label">{text("plans.publish.when")}</legend>
        <label>
          <input type="radio" name={`${id}-when`} checked={soon} onChange={() => setSoon(true)} />
          {text("plans.publish.when.soon")}
        </label>
        <label>
          <input type="radio" name={`${id}-when`} checked={!soon} onChange={() => setSoon(false)} />
          {text("plans.publish.when.at")}
        </label>
      </fieldset>
      {soon ? null : (
        <div className="field">
          <label className="label" htmlFor={`${id}-at`}>
            {text("plans.publish.at", { zone })}
          </label>
          <input id={`${id}-at`} className="input" type="datetime-local" required value={wall} aria-invalid={past} aria-describedby={past ? `${id}-past` : undefined} onChange={({ target }) => setWall(target.value)} />
          {past ? (
            <span className="fault" id={`${id}-past`} role="alert">
              {text("plans.publish.past")}
            </span>
          ) : null}
        </div>
      )}
      <p className="help">{text("plans.publish.then")}</p>
      <p className="help">
        {text("plans.publish.frozen")} {text("plans.publish.second")}
      </p>
      {empty ? <p className="notice">{text("plans.publish.empty")}</p> : null}
      {sending.error === null ? null : <Trouble error={sending.error} title={text("plans.publish.submit.failed")} />}
      <div className="plan-actions">
        <button type="submit" className="button primary" disabled={sending.isPending || empty}>
          {text(sending.isPending ? "plans.publish.submit.busy" : "plans.publish.submit")}
        </button>
        <button type="button" className="button" onClick={onPreview}>
          {text("plans.publish.check")}
        </button>
      </div>
    </form>
  );
}

function Withdrawing({ plan }: { readonly plan: Plan }) {
  const text = useText();
  const id = useId();
  const refresh = useRefresh();
  const [reason, setReason] = useState("");
  const taking = useMutation({ mutationFn: () => withdrawPlan(plan.id, reason.trim()), onSuccess: refresh });
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    taking.mutate();
  };
  return (
    <form className="plan-form" onSubmit={submit}>
      <div className="field">
        <label className="label" htmlFor={id}>
          {text("plans.publish.withdraw.why")}
        </label>
        <input id={id} className="input" maxLength={500} autoComplete="off" value={reason} onChange={({ target }) => setReason(target.value)} />
      </div>
      {taking.error === null ? null : <Trouble error={taking.error} title={text("plans.publish.withdraw.failed")} />}
      <div className="plan-actions">
        <button type="submit" className="button" disabled={taking.isPending}>
          {text("plans.publish.withdraw")}
        </button>
      </div>
    </form>
  );
}

function GoingBack({ plan, onOpen }: { readonly plan: Plan; readonly onOpen: (id: string) => void }) {
  const text = useText();
  const refresh = useRefresh();
  const going = useMutation({
    mutationFn: () => rollBack(plan.id, true),
    onSuccess: async (made) => {
      await refresh();
      onOpen(made.id);
    },
  });
  return (
    <section className="going-back">
      <p className="help">{text("plans.publish.rollback.what")}</p>
      {going.error === null ? null : <Trouble error={going.error} title={text("plans.publish.rollback.failed")} />}
      <div className="plan-actions">
        <button type="button" className="button" disabled={going.isPending} onClick={() => going.mutate()}>
          {text("plans.publish.rollback")}
        </button>
      </div>
    </section>
  );
}
