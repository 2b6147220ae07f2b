// Owns taking the view away: printed, as a picture, as a table, as a page of its own.
import { type RefObject, useEffect, useId, useRef, useState } from "react";
import type { City } from "../../api/city";
import type { Params } from "../../api/http";
import { densityPage } from "../../api/reports";
import type { Level } from "../../api/city";
import { DownloadIcon } from "../../design/icons";
import { Trouble } from "../../design/Trouble";
import { useText } from "../../i18n/language";
import { instantText } from "../../i18n/text";
import type { MapHandle } from "../../map/MapView";
import { compose, type PictureParts } from "./picture";
import { saveBlob } from "../../state/save";
import { lookOfPage } from "./look";
import "./export.css";

interface Props {
  readonly city: City;
  readonly level: Level;
  readonly map: RefObject<MapHandle | null>;
  readonly title: string;
  readonly legend: Pick<PictureParts, "rows"> & { readonly title: string } | null;
  /** The table as it is shown; made when it is asked for. */
  readonly csv: () => string;
  /** Filters, as the API takes them; null where there is no page of what is shown. */
  readonly page: Params | null;
}

export function ExportMenu({ city, level, map, title, legend, csv, page }: Props) {
  const text = useText();
  const [open, setOpen] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const box = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const id = useId();
  useEffect(() => {
    if (!open) return undefined;
    const outside = (event: PointerEvent): void => {
      if (event.target instanceof Node && box.current?.contains(event.target) !== true) setOpen(false);
    };
    addEventListener("pointerdown", outside);
    return () => removeEventListener("pointerdown", outside);
  }, [open]);
  const name = `${city.code}-${level}-${new Date().toISOString().slice(0, 10)}`;
  const shut = (): void => {
    setOpen(false);
    button.current?.focus();
  };
  const picture = async (): Promise<void> => {
    if (map.current === null) return;
    setBusy(true);
    setError(null);
    try {
      const source = text("signals.export.source", { city: city.names[text.lang], at: instantText(text.lang, new Date().toISOString(), city.timezone) });
      const still = await map.current.png();
      saveBlob(`${name}.png`, await compose(still, devicePixelRatio, { title, legendTitle: legend?.title ?? "", rows: legend?.rows ?? [], source }, lookOfPage()));
      shut();
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
    }
  };
  return (
    <div
      className="export"
      ref={box}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || !open) return;
        event.stopPropagation();
        shut();
      }}
    >
      <button ref={button} type="button" className="button plain" aria-label={text("signals.export")} title={text("signals.export")} aria-expanded={open} aria-controls={id} onClick={() => setOpen(!open)}>
        <DownloadIcon />
        <span className="wide">{text("signals.export")}</span>
      </button>
      {open ? (
        <div className="export-menu" id={id} role="group" aria-label={text("signals.export")} aria-busy={busy}>
          <button
            type="button"
            onClick={() => {
              shut();
              print();
            }}
          >
            {text("signals.export.print")}
          </button>
          <button type="button" disabled={busy} onClick={() => void picture()}>
            {text(busy ? "signals.export.busy" : "signals.export.png")}
          </button>
          <button
            type="button"
            onClick={() => {
              saveBlob(`${name}.csv`, new Blob([csv()], { type: "text/csv;charset=utf-8" }));
              shut();
            }}
          >
            {text("signals.export.csv")}
          </button>
          {page === null ? null : (
            <a href={densityPage(level, text.lang, page)} download={`${name}.html`} onClick={() => setOpen(false)}>
              {text("signals.export.page")}
              <span className="soft">{text("signals.export.page.what")}</span>
            </a>
          )}
          {error === null ? null : <Trouble error={error} title={text("signals.export.failed")} />}
        </div>
      ) : null}
    </div>
  );
}
