// Owns one proposal as it goes: how far it is, ending it, what it did with each community and why something could not be.
import { useMutation } from "@tanstack/react-query";
import { useEffect } from "react";
import { type Part, undoLast } from "../../api/plans";
import { cancelJob, isOver, type Job, type JobPart } from "../../api/proposals";
import { Trouble } from "../../design/Trouble";
import { useText } from "../../i18n/language";
import { instantText } from "../../i18n/text";
import { atWork, shareOf } from "./progress";
import { useJob, useRefresh } from "./queries";
import { percent } from "./words";

interface Props {
  readonly job: Job;
  readonly parts: readonly Part[];
  readonly nameOf: (community: string) => string;
  readonly open: boolean;
  readonly zone: string;
}

export function JobCard({ job, parts, nameOf, open, zone }: Props) {
  const text = useText();
  const refresh = useRefresh();
  const told = useJob(job);
  const over = isOver(job);
  const share = shareOf(job);
  const ending = useMutation({ mutationFn: () => cancelJob(job.plan_id, job.id), onSuccess: refresh });
  // What it has drawn is on the sheets: the map and the figures follow as it goes.
  useEffect(() => {
    void refresh();
    // Only when it has come further.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [job.done, over]);
  const working = atWork(job.said);
  const separator = text.lang === "zh" ? "、" : ", ";
  return (
    <li className="job" data-job={job.id} data-state={job.state} aria-busy={!over}>
      <div className="job-head">
        <strong>{text(job.cancelling ? "plans.job.ending" : `plans.job.${job.state}`)}</strong>
        <span className="help">{text("plans.job.count", { done: job.done, total: job.total })}</span>
        {!over && open ? (
          <button type="button" className="button" disabled={ending.isPending || job.cancelling} onClick={() => ending.mutate()}>
            {text("plans.job.cancel")}
          </button>
        ) : null}
      </div>
      {over ? null : (
        <>
          <progress value={share} max={1} aria-label={text("plans.job.running")} />
          <span className="help">{working.length === 0 ? percent(text, share, 0) : `${percent(text, share, 0)} · ${text("plans.job.working", { names: working.join(separator) })}`}</span>
        </>
      )}
      <span className="help">{text("plans.job.settings", { mode: text(`plans.propose.mode.${job.settings.mode}`), seed: String(job.settings.seed), when: instantText(text.lang, job.asked_at, zone) })}</span>
      {job.state === "cancelled" ? <p className="help">{text("plans.job.cancelled.what")}</p> : null}
      {ending.error === null ? null : <Trouble error={ending.error} title={text("plans.job.cancel.failed")} />}
      <ul className="job-parts">
        {told.data?.parts.map((one) => (
          <Told key={one.community_id} told={one} name={nameOf(one.community_id)} part={parts.find((part) => part.community_id === one.community_id)} open={open} />
        ))}
      </ul>
    </li>
  );
}

interface ToldProps {
  readonly told: JobPart;
  readonly name: string;
  readonly part: Part | undefined;
  readonly open: boolean;
}

function Told({ told, name, part, open }: ToldProps) {
  const text = useText();
  const refresh = useRefresh();
  const undoing = useMutation({ mutationFn: async () => (part === undefined ? undefined : undoLast(part)), onSuccess: refresh });
  const { result } = told;
  // As long as it is the last step of the sheet.
  const last = told.state === "drawn" && result.revision !== null && part?.revision === result.revision;
  return (
    <li data-state={told.state}>
      <div className="job-head">
        <strong>{name}</strong>
        <span className={told.state === "drawn" || told.state === "unchanged" ? "tag" : "tag warn"}>{text(`plans.job.part.${told.state}`)}</span>
        {last && open ? (
          <button type="button" className="button" aria-label={text("plans.job.undo.of", { name })} disabled={undoing.isPending} onClick={() => undoing.mutate()}>
            {text("plans.job.undo")}
          </button>
        ) : undoing.isSuccess ? (
          <span className="tag">{text("plans.job.undone")}</span>
        ) : null}
      </div>
      <p>{result[text.lang]}</p>
      {undoing.error === null ? null : <Trouble error={undoing.error} title={text("plans.job.undo.failed")} />}
      {result.obstacles.length === 0 ? null : (
        <details className="obstacles">
          <summary>
            {text("plans.job.cannot")} ({result.obstacles.length})
          </summary>
          <ul>
            {result.obstacles.map((one, index) => (
              <li key={`${one.code}-${index}`}>
                {one[text.lang]}
                <span className="help"> {text.lang === "zh" ? one.remedy_zh : one.remedy_en}</span>
              </li>
            ))}
          </ul>
        </details>
      )}
    </li>
  );
}
