// Owns the drawing table: map, tools, figures, and what is told; brings the hand (what is chosen) and the drawing together.
import { useCallback, useEffect, useRef, useState } from "react";
import { useText } from "../../../i18n/language";
import type { Finding } from "../../../features/drawing/findings";
import type { By } from "../../../features/drawing/painter";
import { type Hand, type Said, SIZES } from "../../../features/drawing/tools";
import type { MapHandle } from "../../../map/MapView";
import { useMay } from "../../../state/session";
import { ConflictPanel } from "./ConflictPanel";
import type { EditorProps } from "./Editor";
import { Figures } from "./Figures";
import { GridForm } from "./GridForm";
import { Help } from "./Help";
import { readEditor, writeEditor } from "./hand";
import { Head } from "./Head";
import { useKeys } from "./keys";
import { Told } from "./Told";
import type { Given } from "./queries";
import { SlideForm } from "./SlideForm";
import { Stage } from "./Stage";
import { Tools } from "./Tools";
import { useDrawing, useTurn } from "./useDrawing";

interface Props extends EditorProps {
  readonly given: Given;
  /** All is to be read anew: other ground lies below. */
  readonly onAnew: () => void;
}

const FOUND_ZOOM = 17;
/** So long it is waited for what is still on its way; what does not arrive is kept, and sent when the part is opened again. */
const LEAVING_MS = 3_000;

export function Table(props: Props) {
  const { city, plan, part, given, at, grids, onClose, onPropose, onAnew } = props;
  const text = useText();
  const may = useMay()("plans.edit");
  const [turn, takeTurn] = useTurn(part);
  const { drawing, version, watched } = useDrawing(plan, part, given, may && turn === "here");
  const [view] = useState(() => readEditor(location.search));
  const [hand, setHand] = useState<Hand>(() => ({ ...view.hand, grid: grids[0] ?? view.hand.grid, tool: may ? view.hand.tool : "hand" }));
  const [by, setBy] = useState<By>(view.by);
  const [panel, setPanel] = useState(true);
  const [help, setHelp] = useState(false);
  const [said, setSaid] = useState<Said | null>(null);
  const [found, setFound] = useState<string | null>(null);
  const [sees, setSees] = useState(true);
  const handle = useRef<MapHandle>(null);
  const stage = useRef<{ readonly cancel: () => boolean; readonly chooseHere: () => void }>(null);

  const change = useCallback((more: Partial<Hand>) => {
    setHand((was) => ({ ...was, ...more, ...(more.tool === undefined || more.tool === was.tool ? {} : { beside: null, street: false }) }));
  }, []);
  useEffect(() => {
    const url = location.pathname + writeEditor(location.search, { hand, by });
    if (url !== location.pathname + location.search) history.replaceState(null, "", url);
  }, [hand, by]);
  useEffect(() => {
    if (drawing.elsewhere) onAnew();
  }, [drawing, version, onAnew]);
  // Another tab has drawn while this one looked on.
  const before = useRef(turn);
  useEffect(() => {
    if (before.current === "elsewhere" && turn === "here") onAnew();
    before.current = turn;
  }, [turn, onAnew]);
  useEffect(() => {
    if (said === null) return undefined;
    const timer = setTimeout(() => setSaid(null), 4_000);
    return () => clearTimeout(timer);
  }, [said]);

  const draws = may && turn === "here" && drawing.mayDraw;
  const findings = drawing.findings();
  const gone = hand.grid !== null && !drawing.board.sheet.drafts.has(hand.grid);
  const chosen = gone ? null : hand.grid;

  const goTo = useCallback((finding: Finding) => {
    setFound(finding.id);
    if (finding.grids[0] !== undefined) change({ grid: finding.grids[0] });
    if (finding.at !== null) handle.current?.goTo({ lon: finding.at[0], lat: finding.at[1] }, FOUND_ZOOM);
  }, [change]);
  const next = (): void => {
    const place = findings.findIndex((one) => one.id === found);
    const following = findings[(place + 1) % Math.max(1, findings.length)];
    if (following !== undefined) goTo(following);
  };
  const lock = (numbers: readonly number[], locked: boolean): void => {
    if (numbers.length > 0) drawing.do({ kind: "lock", payload: { grids: numbers, locked } });
  };

  useKeys({
    tool: (tool) => draws && change({ tool }),
    size: (by) => change({ size: SIZES[Math.min(SIZES.length - 1, Math.max(0, SIZES.findIndex((one) => one === hand.size) + by))] ?? hand.size }),
    undo: () => draws && drawing.undo(),
    redo: () => draws && drawing.redo(),
    next,
    fresh: () => draws && change({ into: hand.into === "new" ? "start" : "new", ...(hand.tool === "brush" || hand.tool === "lasso" ? {} : { tool: "brush" }) }),
    lock: () => draws && chosen !== null && lock([chosen], drawing.board.sheet.drafts.get(chosen)?.locked !== true),
    by: () => setBy((was) => (was === "grid" ? "off" : "grid")),
    choose: () => stage.current?.chooseHere(),
    help: () => setHelp((was) => !was),
    escape: () => {
      if (help) setHelp(false);
      else if (stage.current?.cancel() === true) return;
      else if (hand.into !== "start") change({ into: "start" });
      else if (draws && hand.tool !== "brush") change({ tool: "brush" });
      else change({ grid: null });
    },
  });

  return (
    <div className="editor" data-panel={panel} data-phase={drawing.sync.phase} data-revision={drawing.sync.revision} data-waiting={drawing.sync.entries.length}>
      <Head drawing={drawing} version={version} draws={draws} by={by} onBy={setBy} onBack={() => void drawing.sync.drained(LEAVING_MS).then(onClose)} onHelp={() => setHelp(true)} panel={panel} onPanel={setPanel} onLock={lock} findings={findings.length} onNext={next} />
      {may ? <Tools hand={hand} draws={draws} onChange={change} /> : null}
      <div className="editor-stage">
        <Stage ref={stage} handle={handle} city={city} drawing={drawing} watched={watched} hand={hand} chosen={chosen} by={by} draws={draws} sees={sees} at={at} change={change} onSaid={setSaid} />
        <Told drawing={drawing} version={version} said={said} turn={may ? turn : "here"} onTurn={takeTurn} may={may} onAnew={onAnew} plan={plan} part={part} />
        {draws && hand.tool === "slide" && chosen !== null && hand.beside !== null ? (
          <SlideForm drawing={drawing} one={chosen} other={hand.beside} street={hand.street} onStreet={(street) => change({ street })} onDone={() => change({ beside: null, street: false })} />
        ) : null}
      </div>
      {drawing.sync.conflict !== null ? (
        <ConflictPanel drawing={drawing} conflict={drawing.sync.conflict} zone={city.timezone} sees={sees} onSees={setSees} />
      ) : panel ? (
        <aside className="editor-panel" aria-label={text("drawing.panel")}>
          {chosen === null ? null : (
            <GridForm key={chosen} drawing={drawing} number={chosen} version={version} draws={draws} onLock={lock} onClose={() => change({ grid: null })} onPropose={draws ? () => void drawing.sync.drained(LEAVING_MS).then(() => onPropose([chosen])) : null} />
          )}
          <Figures drawing={drawing} version={version} chosen={chosen} findings={findings} found={found} onFound={goTo} onChoose={(number) => {
            change({ grid: number, beside: null });
            const place = drawing.middle(number);
            if (place !== null) handle.current?.goTo({ lon: place[0], lat: place[1] }, 0);
          }} onNext={next} />
        </aside>
      ) : null}
      {help ? <Help onClose={() => setHelp(false)} /> : null}
    </div>
  );
}
