// Owns what is told above the map: what a key did, what was refused and why, that another tab draws, newer ground.
import { useState } from "react";
import { atomsOf, rebase, type Carried } from "../../../api/operations";
import { Trouble } from "../../../design/Trouble";
import type { Drawing } from "../../../features/drawing/drawing";
import { at } from "../../../features/drawing/ground";
import type { Refused } from "../../../features/drawing/sync";
import type { Said } from "../../../features/drawing/tools";
import { useText } from "../../../i18n/language";
import type { Text } from "../../../i18n/text";
import { deedText } from "./deeds";
import type { Turn } from "./useDrawing";

interface Props {
  readonly drawing: Drawing;
  readonly version: number;
  readonly said: Said | null;
  readonly turn: Turn;
  readonly onTurn: () => void;
  readonly may: boolean;
  readonly onAnew: () => void;
  readonly plan: string;
  readonly part: string;
}

export function Told({ drawing, said, turn, onTurn, may, onAnew, plan, part }: Props) {
  const text = useText();
  const { closed, entries, fault } = drawing.sync;
  return (
    <div className="editor-told">
      <p className="editor-said" role="status">{said === null ? "" : saidText(text, said)}</p>
      {may ? null : <p className="notice">{text("drawing.readOnly")}</p>}
      {turn === "elsewhere" ? (
        <div className="notice" role="alert">
          <strong>{text("drawing.elsewhere")}</strong>
          <button type="button" className="button" onClick={onTurn}>{text("drawing.elsewhere.here")}</button>
        </div>
      ) : null}
      {drawing.sync.unkept && entries.length > 0 ? <p className="notice bad" role="alert">{text("drawing.unkept")}</p> : null}
      {fault === null ? null : <Trouble error={fault} onRetry={() => drawing.sync.again()} />}
      {closed === null ? null : (
        <div className="notice bad" role="alert">
          <strong>{text("drawing.closed")}</strong>
          <p>{closed.message}</p>
          {entries.length === 0 ? null : (
            <>
              <p>{text("drawing.closed.kept", { n: entries.length })}</p>
              <button type="button" className="button" onClick={() => drawing.sync.drop()}>{text("drawing.closed.drop")}</button>
            </>
          )}
        </div>
      )}
      {drawing.refused.map((refused) => <RefusedNotice key={refused.entry.id} drawing={drawing} refused={refused} />)}
      {may && turn === "here" && drawing.outdated && drawing.mayDraw ? <Outdated drawing={drawing} plan={plan} part={part} onAnew={onAnew} /> : null}
    </div>
  );
}

function saidText(text: Text, said: Said): string {
  switch (said.kind) {
    case "went":
      return said.grid < 0 ? text("drawing.deed.unassign", { n: said.n }) : text("drawing.said.went", { n: said.n, grid: String(said.grid) });
    case "locked":
      return text("drawing.said.locked", { grid: String(said.grid) });
    case "nothing":
    case "outside":
      return text(`drawing.said.${said.kind}`);
  }
}

/** A line that would cut a building asks: whose shall the atom be? */
function RefusedNotice({ drawing, refused }: { readonly drawing: Drawing; readonly refused: Refused }) {
  const text = useText();
  const { problem, entry } = refused;
  const atoms = problem.code === "building-left-out" ? atomsOf(problem) : [];
  const grids = others(drawing, atoms);
  return (
    <div className="notice bad" role="alert">
      <strong>{text("drawing.refused")} · {deedText(text, entry.deed)}</strong>
      <p>{atoms.length > 0 ? text("drawing.refused.building", { atoms: atoms.join(", ") }) : problem.message}</p>
      {atoms.length === 0 && problem.remedy !== null ? <p className="help">{problem.remedy}</p> : null}
      {grids.map((grid) => (
        <button key={grid} type="button" className="button" onClick={() => {
          drawing.assign(atoms, grid);
          drawing.forgive(refused);
        }}>
          {text("drawing.refused.give", { grid: String(grid) })}
        </button>
      ))}
      <button type="button" className="button" onClick={() => drawing.forgive(refused)}>{text("drawing.refused.forgive")}</button>
    </div>
  );
}

/** The grids that touch some atoms and are not theirs. */
function others(drawing: Drawing, atoms: readonly number[]): number[] {
  const { ground, board } = drawing;
  const found = new Set<number>();
  for (const atom of atoms) {
    for (let place = at(ground.starts, atom); place < at(ground.starts, atom + 1); place += 1) found.add(at(board.sheet.assignment, at(ground.others, place)));
  }
  for (const atom of atoms) found.delete(at(board.sheet.assignment, atom));
  return [...found].filter((grid) => grid >= 0).sort((one, other) => one - other);
}

function Outdated({ drawing, plan, part, onAnew }: { readonly drawing: Drawing; readonly plan: string; readonly part: string; readonly onAnew: () => void }) {
  const text = useText();
  const [carried, setCarried] = useState<Carried | null>(null);
  const [failed, setFailed] = useState<unknown>(null);
  const [asking, setAsking] = useState(false);
  const take = (): void => {
    setAsking(true);
    rebase(plan, part, drawing.sync.revision).then(setCarried, setFailed).finally(() => setAsking(false));
  };
  if (failed !== null) return <Trouble error={failed} onRetry={onAnew} />;
  return (
    <div className="notice">
      {carried === null ? (
        <>
          {text("drawing.outdated")}
          <button type="button" className="button" disabled={asking || drawing.sync.entries.length > 0} onClick={take}>{text("drawing.outdated.take")}</button>
        </>
      ) : (
        <>
          {text("drawing.outdated.did", { key: carried.by_key, overlap: carried.by_overlap, lost: carried.unassigned.length })}
          <button type="button" className="button" onClick={onAnew}>{text("drawing.refused.forgive")}</button>
        </>
      )}
    </div>
  );
}
