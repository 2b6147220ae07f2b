// Owns asking for a proposal: where, how, with which seed and effort; and the list of what was asked for.
import { useMutation } from "@tanstack/react-query";
import { type SubmitEvent, useId, useState } from "react";
import type { Part, Plan } from "../../api/plans";
import { type Mode, MODES, propose } from "../../api/proposals";
import { Segmented } from "../../design/Segmented";
import { Trouble } from "../../design/Trouble";
import { useText } from "../../i18n/language";
import { JobCard } from "./JobCard";
import { useJobs, useRefresh } from "./queries";

interface Props {
  readonly plan: Plan;
  readonly parts: readonly Part[];
  readonly nameOf: (community: string) => string;
  readonly mayDraw: (community: string) => boolean;
  readonly mayEdit: boolean;
  readonly zone: string;
  /** Grids chosen on the map, all in one part. */
  readonly chosen: { readonly part: Part; readonly grids: readonly number[] } | null;
}

const EFFORTS = { quick: 5, usual: 20, thorough: 100 } as const;
type Effort = keyof typeof EFFORTS;
type Where = "all" | "some" | "grids";

export function ProposeTab({ plan, parts, nameOf, mayDraw, mayEdit, zone, chosen }: Props) {
  const text = useText();
  const id = useId();
  const refresh = useRefresh();
  const jobs = useJobs(plan.id);
  const mine = parts.filter((one) => mayDraw(one.community_id));
  const [where, setWhere] = useState<Where>(chosen === null ? "all" : "grids");
  const [some, setSome] = useState<ReadonlySet<string>>(new Set());
  const [mode, setMode] = useState<Mode>("fresh");
  const [seed, setSeed] = useState(1);
  const [effort, setEffort] = useState<Effort>("usual");
  const communities = where === "grids" ? (chosen === null ? [] : [chosen.part.community_id]) : where === "some" ? mine.map((one) => one.community_id).filter((one) => some.has(one)) : mine.map((one) => one.community_id);
  const asking = useMutation({
    mutationFn: () =>
      propose(plan.id, {
        id: crypto.randomUUID(),
        communities: communities.map(Number),
        grids: where === "grids" && chosen !== null ? chosen.grids : null,
        target: null,
        mode,
        seed,
        effort: EFFORTS[effort],
      }),
    onSuccess: refresh,
  });
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    asking.mutate();
  };
  const open = plan.state === "draft" && mayEdit;
  return (
    <div className="tab-body">
      <p className="help">{text("plans.propose.what")}</p>
      {!open ? <p className="notice">{text("plans.propose.closed")}</p> : mine.length === 0 ? <p className="notice">{text("plans.propose.none")}</p> : form()}
      <h3>{text("plans.jobs")}</h3>
      {jobs.error === null ? null : <Trouble error={jobs.error} onRetry={() => void jobs.refetch()} />}
      {jobs.data?.length === 0 ? <p className="help">{text("plans.jobs.none")}</p> : null}
      <ul className="jobs">
        {jobs.data?.map((job) => (
          <JobCard key={job.id} job={job} parts={parts} nameOf={nameOf} open={open} zone={zone} />
        ))}
      </ul>
    </div>
  );

  function form() {
    return (
      <form className="plan-form" onSubmit={submit} aria-label={text("plans.tab.propose")}>
        <Segmented
          label={text("plans.propose.where")}
          value={where}
          choices={[
            { value: "all", label: text("plans.propose.where.all", { n: mine.length }) },
            ...(mine.length > 1 ? [{ value: "some" as const, label: text("plans.propose.where.some") }] : []),
            { value: "grids", label: text("plans.propose.where.grids") },
          ]}
          onChange={setWhere}
        />
        {where === "some" ? (
          <ul className="picker-list">
            {mine.map((one) => (
              <li key={one.id}>
                <label>
                  <input
                    type="checkbox"
                    checked={some.has(one.community_id)}
                    onChange={() => {
                      const next = new Set(some);
                      if (!next.delete(one.community_id)) next.add(one.community_id);
                      setSome(next);
                    }}
                  />
                  {nameOf(one.community_id)}
                </label>
              </li>
            ))}
          </ul>
        ) : null}
        {where === "grids" ? <p className="help">{chosen === null ? text("plans.propose.where.grids.how") : text("plans.propose.where.grids.of", { name: nameOf(chosen.part.community_id), n: chosen.grids.length })}</p> : null}
        <Segmented label={text("plans.propose.mode")} value={mode} choices={MODES.map((one) => ({ value: one, label: text(`plans.propose.mode.${one}`) }))} onChange={setMode} />
        <p className="help">{text(`plans.propose.mode.${mode}.what`)}</p>
        <details>
          <summary>{text("plans.propose.more")}</summary>
          <div className="plan-form inset">
            <Segmented label={text("plans.propose.effort")} value={effort} choices={(["quick", "usual", "thorough"] as const).map((one) => ({ value: one, label: text(`plans.propose.effort.${one}`) }))} onChange={setEffort} />
            <div className="field">
              <label className="label" htmlFor={`${id}-seed`}>
                {text("plans.propose.seed")}
              </label>
              <input id={`${id}-seed`} className="input" type="number" min={0} max={2147483647} required value={seed} aria-describedby={`${id}-seed-what`} onChange={({ target }) => setSeed(target.valueAsNumber || 0)} />
              <span className="help" id={`${id}-seed-what`}>
                {text("plans.propose.seed.what")}
              </span>
            </div>
          </div>
        </details>
        {asking.error === null ? null : <Trouble error={asking.error} title={text("plans.propose.failed")} />}
        <div className="plan-actions">
          <button type="submit" className="button primary" disabled={asking.isPending || communities.length === 0}>
            {text(asking.isPending ? "plans.propose.busy" : "plans.propose.do")}
          </button>
        </div>
      </form>
    );
  }
}
