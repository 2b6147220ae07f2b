// Owns plans as files: taking one out, and bringing one in after a look at what it would change.
import { useMutation } from "@tanstack/react-query";
import { type SubmitEvent, useId, useState } from "react";
import { fileAddress, type FileFormat, type FilePreview, FORMATS, type Meaning, previewFile, takeFile } from "../../api/planfiles";
import type { Community, Part, Plan } from "../../api/plans";
import { DownloadIcon } from "../../design/icons";
import { Trouble } from "../../design/Trouble";
import { useText } from "../../i18n/language";
import { useRefresh } from "./queries";
import { FileEffect } from "./FileEffect";

interface Props {
  readonly plan: Plan;
  readonly parts: readonly Part[];
  readonly nameOf: (community: string) => string;
  readonly communityOf: (id: string) => Community | undefined;
  readonly mayDraw: (community: string) => boolean;
  readonly mayEdit: boolean;
  readonly part: Part | null;
  readonly onPart: (part: string) => void;
  /** What a file would change, for the map; null: nothing is being looked at. */
  readonly effect: FilePreview | null;
  readonly onEffect: (effect: FilePreview | null) => void;
  readonly onPlace: (lon: number, lat: number) => void;
}

/** As people who use such files call them; the same in every language. */
const FORMAT_NAMES: Readonly<Record<FileFormat, string>> = { gpkg: "GeoPackage", geojson: "GeoJSON", shp: "Shapefile", csv: "CSV" };
const DATUMS = ["wgs84", "gcj02", "bd09"] as const;

export function FilesTab(props: Props) {
  const { plan, parts, nameOf, communityOf, mayEdit } = props;
  const text = useText();
  const id = useId();
  const [format, setFormat] = useState<FileFormat>("gpkg");
  const [community, setCommunity] = useState("");
  const code = community === "" ? null : (communityOf(community)?.code ?? null);
  const mine = parts.filter((one) => props.mayDraw(one.community_id));
  return (
    <div className="tab-body files">
      <section className="plan-form" aria-labelledby={`${id}-out`}>
        <h3 id={`${id}-out`}>{text("plans.files.export")}</h3>
        <p className="help">{text("plans.files.export.what")}</p>
        <div className="field">
          <label className="label" htmlFor={`${id}-format`}>
            {text("plans.files.format")}
          </label>
          <select id={`${id}-format`} className="input" value={format} onChange={({ target }) => setFormat(FORMATS.find((one) => one === target.value) ?? "gpkg")}>
            {FORMATS.map((one) => (
              <option key={one} value={one}>
                {text(`plans.files.format.${one}`, { name: FORMAT_NAMES[one] })}
              </option>
            ))}
          </select>
        </div>
        {parts.length > 1 ? (
          <div className="field">
            <label className="label" htmlFor={`${id}-community`}>
              {text("plans.community")}
            </label>
            <select id={`${id}-community`} className="input" value={community} onChange={({ target }) => setCommunity(target.value)}>
              <option value="">{text("plans.files.all")}</option>
              {parts.map((one) => (
                <option key={one.id} value={one.community_id}>
                  {nameOf(one.community_id)}
                </option>
              ))}
            </select>
          </div>
        ) : null}
        {parts.length === 0 ? (
          <p className="help">{text("plans.parts.none")}</p>
        ) : (
          <a className="button" href={fileAddress(plan.id, format, code)} download>
            <DownloadIcon />
            {text("plans.files.download")}
          </a>
        )}
      </section>
      {mayEdit ? (
        <section className="plan-form" aria-labelledby={`${id}-in`}>
          <h3 id={`${id}-in`}>{text("plans.files.import")}</h3>
          <p className="help">{text("plans.files.import.what")}</p>
          {plan.state !== "draft" ? <p className="notice">{text("plans.files.import.closed")}</p> : mine.length === 0 ? <p className="help">{text("plans.parts.none.do")}</p> : <Importing {...props} mine={mine} />}
        </section>
      ) : null}
    </div>
  );
}

function Importing({ plan, mine, nameOf, part, onPart, effect, onEffect, onPlace }: Props & { readonly mine: readonly Part[] }) {
  const text = useText();
  const id = useId();
  const refresh = useRefresh();
  const into = mine.find((one) => one.id === part?.id) ?? mine[0];
  const [file, setFile] = useState<File | null>(null);
  // A new field after each file that was taken: the same file can be chosen again.
  const [turn, setTurn] = useState(0);
  const [means, setMeans] = useState<Meaning>({ datum: "wgs84", crs: null });
  const [leave, setLeave] = useState(false);
  const reading = useMutation({
    mutationFn: (chosen: File) => (into === undefined ? Promise.reject(new Error("no part")) : previewFile(plan.id, into.id, chosen, means)),
    onSuccess: onEffect,
  });
  const taking = useMutation({
    mutationFn: () => (into === undefined || file === null || effect === null ? Promise.reject(new Error("nothing to take")) : takeFile(plan.id, into.id, file, means, effect.revision ?? into.revision, leave)),
    onSuccess: async () => {
      onEffect(null);
      setFile(null);
      setTurn((was) => was + 1);
      await refresh();
    },
  });
  const again = (): void => {
    onEffect(null);
    reading.reset();
    taking.reset();
    setLeave(false);
  };
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    if (file !== null) reading.mutate(file);
  };
  return (
    <>
      <form className="plan-form" onSubmit={submit}>
        <div className="field">
          <label className="label" htmlFor={`${id}-into`}>
            {text("plans.files.into")}
          </label>
          <select
            id={`${id}-into`}
            className="input"
            value={into?.id ?? ""}
            onChange={({ target }) => {
              again();
              onPart(target.value);
            }}
          >
            {mine.map((one) => (
              <option key={one.id} value={one.id}>
                {nameOf(one.community_id)}
              </option>
            ))}
          </select>
        </div>
        <div className="field">
          <label className="label" htmlFor={`${id}-file`}>
            {text("plans.files.choose")}
          </label>
          <input
            key={turn}
            id={`${id}-file`}
            className="input"
            type="file"
            accept=".gpkg,.geojson,.json,.zip,.csv"
            required
            onChange={({ target }) => {
              again();
              setFile(target.files?.[0] ?? null);
            }}
          />
        </div>
        <div className="target-fields">
          <div className="field">
            <label className="label" htmlFor={`${id}-datum`}>
              {text("plans.files.datum")}
            </label>
            <select id={`${id}-datum`} className="input" value={means.datum} onChange={({ target }) => setMeans({ ...means, datum: DATUMS.find((one) => one === target.value) ?? "wgs84" })}>
              {DATUMS.map((one) => (
                <option key={one} value={one}>
                  {text(`plans.files.datum.${one}`)}
                </option>
              ))}
            </select>
          </div>
          <div className="field">
            <label className="label" htmlFor={`${id}-crs`}>
              {text("plans.files.crs")}
            </label>
            <input id={`${id}-crs`} className="input" pattern="EPSG:[0-9]{4,6}" placeholder="EPSG:4548" value={means.crs ?? ""} onChange={({ target }) => setMeans({ ...means, crs: target.value === "" ? null : target.value })} />
          </div>
        </div>
        {reading.error === null ? null : <Trouble error={reading.error} title={text("plans.files.preview.failed")} />}
        <div className="plan-actions">
          <button type="submit" className={effect === null ? "button primary" : "button"} disabled={file === null || reading.isPending}>
            {text(reading.isPending ? "plans.files.preview.busy" : "plans.files.preview")}
          </button>
        </div>
      </form>
      {effect === null || into === undefined ? null : (
        <FileEffect
          effect={effect}
          community={into.community_id}
          leave={leave}
          onLeave={setLeave}
          onPlace={onPlace}
          busy={taking.isPending}
          onTake={() => taking.mutate()}
        />
      )}
      {taking.error === null ? null : <Trouble error={taking.error} title={text("plans.files.take.failed")} />}
      {taking.isSuccess && into !== undefined ? (
        <p className="notice" role="status">
          {text("plans.files.taken", { name: nameOf(into.community_id) })}
        </p>
      ) : null}
    </>
  );
}
