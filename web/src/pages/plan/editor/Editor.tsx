// Owns the editor of one community of a plan: what it needs is read, then it is laid on the table. Fills its parent.
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { Point } from "../../../api/areas";
import type { City } from "../../../api/city";
import { Trouble } from "../../../design/Trouble";
import { useText } from "../../../i18n/language";
import { Table } from "./Table";
import { useSheetData } from "./queries";
import "./editor.css";

export interface EditorProps {
  readonly city: City;
  readonly plan: string;
  readonly part: string;
  /** A place to open at; null: the whole community. */
  readonly at: Point | null;
  /** Grids that are chosen first. */
  readonly grids: readonly number[];
  readonly onClose: () => void;
  readonly onPropose: (grids: readonly number[]) => void;
}

export function Editor(props: EditorProps) {
  const text = useText();
  const [turn, setTurn] = useState(0);
  const client = useQueryClient();
  const { plan, part } = props;
  const data = useSheetData(plan, part);
  if (data.error !== null) {
    return (
      <div className="editor-opening">
        <Trouble error={data.error} onRetry={data.retry} />
      </div>
    );
  }
  if (data.given === null) {
    return (
      <div className="editor" aria-busy="true">
        <p className="editor-opening">{text("drawing.opening")}</p>
      </div>
    );
  }
  const anew = (): void => {
    void client.resetQueries({ queryKey: ["sheet", plan, part] }).then(() => setTurn((was) => was + 1));
  };
  return <Table key={`${part} ${String(turn)} ${data.given.fetched.part.basis_id} ${data.given.fetched.part.count_id}`} {...props} given={data.given} onAnew={anew} />;
}
