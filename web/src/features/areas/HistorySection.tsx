// Owns telling what an area was before: its versions with the plans that changed it, whose ground it took over, stepping back in time.
import type { Kin, Version } from "../../api/history";
import { Trouble } from "../../design/Trouble";
import { useText } from "../../i18n/language";
import { dayText } from "../../i18n/text";
import { dayOf } from "../../time/days";
import { useLineage } from "./queries";
import { dayBefore, percent, sameGround, versionOn } from "./times";

interface Props {
  readonly areaId: string;
  readonly day: string | null;
  readonly timeZone: string;
  readonly onArea: (id: string, day: string | null) => void;
  readonly onDay: (day: string | null) => void;
}

export function HistorySection({ areaId, day, timeZone, onArea, onDay }: Props) {
  const text = useText();
  const found = useLineage(areaId);
  const shown = found.data === undefined ? null : versionOn(found.data, day, timeZone);
  return (
    <section className="panel-section" aria-labelledby="history-title" aria-busy={found.isFetching}>
      <h3 id="history-title">{text("places.history")}</h3>
      {found.isError ? <Trouble error={found.error} onRetry={() => void found.refetch()} /> : null}
      {found.isPending ? <span className="skeleton bone-90" /> : null}
      <ol className="versions">
        {(found.data ?? []).map((version) => (
          <Step key={version.since ?? "first"} version={version} areaId={areaId} current={version === shown} timeZone={timeZone} onArea={onArea} onDay={onDay} />
        ))}
      </ol>
    </section>
  );
}

interface StepProps extends Omit<Props, "day"> {
  readonly version: Version;
  readonly current: boolean;
}

function Step({ version, areaId, current, timeZone, onArea, onDay }: StepProps) {
  const text = useText();
  const { since, until } = version;
  const write = (at: string): string => dayText(text.lang, dayOf(at, timeZone));
  const before = since === null ? null : dayBefore(since, timeZone);
  const after = until === null ? null : dayOf(until, timeZone);
  const spans = [since === null ? text("places.since.always") : text("places.since", { day: write(since) }), until === null ? null : text("places.until", { day: write(until) })];
  return (
    <li data-current={current} aria-current={current ? "step" : undefined}>
      <p className="version-span">
        {spans.filter((one) => one !== null).join(" ")} {until === null ? <span className="tag accent">{text("places.history.now")}</span> : null}
      </p>
      <p className="soft-line">{text("places.history.plan", { name: version.begun_by.name })}</p>
      {since === null ? null : sameGround(version.came_from) ? (
        <p>{text("places.history.same")}</p>
      ) : (
        <Kinship title={text("places.history.from")} kin={version.came_from} areaId={areaId} onArea={(id) => onArea(id, before)} />
      )}
      {version.became.length === 0 ? null : <Kinship title={text("places.history.became")} kin={version.became} areaId={areaId} onArea={(id) => onArea(id, after)} />}
      {before === null ? null : (
        <button type="button" className="button step-back" onClick={() => onDay(before)}>
          {text("places.history.before")}
        </button>
      )}
    </li>
  );
}

function Kinship({ title, kin, areaId, onArea }: { readonly title: string; readonly kin: readonly Kin[]; readonly areaId: string; readonly onArea: (id: string) => void }) {
  const text = useText();
  return (
    <>
      <p className="label">{title}</p>
      <ul className="kin">
        {kin.map((one) => (
          <li key={one.area_id}>
            <button type="button" className="link" onClick={() => onArea(one.area_id)} data-code={one.code}>
              {one.names[text.lang]}
              {one.area_id === areaId ? "" : ` ${one.code}`}
            </button>
            <span className="kin-share">
              <span className="kin-bar" aria-hidden="true">
                <span style={{ width: `${String(one.ground_share * 100)}%` }} />
              </span>
              {text("places.history.share", { share: percent(one.ground_share) })}
            </span>
            <span className="soft-line">
              {text("places.history.kept", { share: percent(one.kept_share) })}
              {one.households === null ? "" : ` · ${text("places.history.households", { n: one.households })}`}
            </span>
          </li>
        ))}
      </ul>
    </>
  );
}
