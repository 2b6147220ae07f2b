// Owns the live figures: of the whole sheet, of each grid, and what is found; two tabs below the whole.
import { useState } from "react";
import type { Drawing } from "../../../features/drawing/drawing";
import type { Finding } from "../../../features/drawing/findings";
import { leastOf, mostOf } from "../../../features/drawing/sheet";
import { useText } from "../../../i18n/language";
import { number } from "../../../i18n/text";
import { Findings } from "./Findings";
import { GridTable } from "./GridTable";

interface Props {
  readonly drawing: Drawing;
  readonly version: number;
  readonly chosen: number | null;
  readonly findings: readonly Finding[];
  readonly found: string | null;
  readonly onFound: (finding: Finding) => void;
  readonly onNext: () => void;
  readonly onChoose: (number: number) => void;
}

export function Figures({ drawing, version, chosen, findings, found, onFound, onChoose }: Props) {
  const text = useText();
  const [tab, setTab] = useState<"grids" | "findings">("grids");
  const tabs = [["grids", drawing.board.sheet.drafts.size], ["findings", findings.length]] as const;
  return (
    <section className="editor-figures">
      <Whole drawing={drawing} />
      <div className="editor-tabs" role="tablist" aria-label={text("drawing.panel")}>
        {tabs.map(([name, n]) => (
          <button key={name} type="button" role="tab" id={`drawing-tab-${name}`} aria-controls={`drawing-of-${name}`} aria-selected={tab === name} tabIndex={tab === name ? 0 : -1} className="button plain" onClick={() => setTab(name)}
            onKeyDown={(event) => {
              if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
              const other = name === "grids" ? "findings" : "grids";
              setTab(other);
              document.getElementById(`drawing-tab-${other}`)?.focus();
            }}>
            {text(`drawing.tab.${name}`, { n })}
          </button>
        ))}
      </div>
      <div className="editor-tab" role="tabpanel" id={`drawing-of-${tab}`} aria-labelledby={`drawing-tab-${tab}`}>
        {tab === "grids" ? <GridTable drawing={drawing} version={version} chosen={chosen} onChoose={onChoose} /> : <Findings findings={findings} found={found} onFound={onFound} />}
      </div>
    </section>
  );
}

function Whole({ drawing }: { readonly drawing: Drawing }) {
  const text = useText();
  const { lang } = text;
  const totals = drawing.board.totals();
  const { target } = drawing;
  const facts: (readonly [string, string])[] = [
    [text("drawing.total.grids"), number(lang, totals.grids ?? 0)],
    [text("drawing.total.band"), totals.in_band === undefined ? "–" : `${number(lang, totals.in_band * 100, 0)} %`],
    [text("drawing.total.compactness"), totals.compactness === undefined ? "–" : number(lang, totals.compactness, 2)],
  ];
  if (totals.households_moved !== undefined) facts.push([text("drawing.total.moved"), text("drawing.total.moved.value", { n: totals.households_moved })]);
  if (totals.open_cases_moved !== undefined) facts.push([text("drawing.total.open"), number(lang, totals.open_cases_moved)]);
  const bare = totals.unassigned_atoms ?? 0;
  return (
    <div className="editor-whole" aria-live="off">
      <p className="help">{text("drawing.band", { least: leastOf(target), most: mostOf(target) })}</p>
      <dl>
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
        {bare === 0 ? null : (
          <div className="bad">
            <dt>{text("drawing.total.unassigned")}</dt>
            <dd>{text("drawing.total.unassigned.value", { atoms: bare, households: totals.unassigned_households ?? 0 })}</dd>
          </div>
        )}
      </dl>
    </div>
  );
}
