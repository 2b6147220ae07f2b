// Owns what a file would change, in figures and as a table, and whether it can be taken. The map shows the same ground.
import type { FilePreview } from "../../api/planfiles";
import { useText } from "../../i18n/language";
import { GridTable } from "./GridTable";

interface Props {
  readonly effect: FilePreview;
  readonly community: string;
  readonly leave: boolean;
  readonly onLeave: (leave: boolean) => void;
  readonly onPlace: (lon: number, lat: number) => void;
  readonly busy: boolean;
  readonly onTake: () => void;
}

const MOST = 20;

export function FileEffect({ effect, community, leave, onLeave, onPlace, busy, onTake }: Props) {
  const text = useText();
  const usable = !effect.unchanged && effect.locked.length === 0 && (effect.fault_count === 0 || leave);
  return (
    <section className="file-effect" data-testid="file-effect">
      {effect.unchanged ? <p className="notice">{text("plans.files.same")}</p> : null}
      <ul className="plain-list">
        <li>{text("plans.files.grids", { before: effect.grids_before, after: effect.grids_after })}</li>
        <li>
          <strong>{text("plans.files.moved", { n: effect.households_moved, atoms: effect.atoms_moved })}</strong>
        </li>
        {effect.cut_count === 0 ? null : <li>{text("plans.files.cut", { n: effect.cut_count })}</li>}
        {effect.atoms_unassigned === 0 ? null : <li>{text("plans.files.left", { n: effect.households_unassigned })}</li>}
      </ul>
      {effect.locked.length === 0 ? null : (
        <p className="notice bad" role="alert">
          {text("plans.files.locked", { grids: effect.locked.join(", ") })}
        </p>
      )}
      {effect.fault_count === 0 ? null : (
        <div className="notice">
          <strong>{text("plans.files.faults", { n: effect.fault_count })}</strong>
          <ul>
            {effect.faults.slice(0, MOST).map((one) => (
              <li key={`${one.row}-${one.column}`}>{text("plans.files.fault", { row: one.row, column: one.column, why: one.text[text.lang] })}</li>
            ))}
          </ul>
          <label>
            <input type="checkbox" checked={leave} onChange={({ target }) => onLeave(target.checked)} /> {text("plans.files.leave")}
          </label>
        </div>
      )}
      {effect.findings.length === 0 ? null : (
        <details>
          <summary>
            {text("plans.files.findings")} ({effect.findings.length})
          </summary>
          <ul className="plain-list">
            {effect.findings.slice(0, MOST).map((one, index) => {
              const [lon, lat] = one.place ?? [];
              return (
                <li key={index}>
                  {one.text[text.lang]}{" "}
                  {lon === undefined || lat === undefined ? null : (
                    <button type="button" className="linklike" onClick={() => onPlace(lon, lat)}>
                      {text("plans.files.finding.show")}
                    </button>
                  )}
                </li>
              );
            })}
          </ul>
        </details>
      )}
      <GridTable compared={[{ community_id: community, names: { zh: "", en: "" }, grids: effect.grids }]} onGrid={null} />
      <div className="plan-actions">
        <button type="button" className="button primary" disabled={!usable || busy} onClick={onTake}>
          {text(busy ? "plans.files.take.busy" : "plans.files.take")}
        </button>
      </div>
    </section>
  );
}
