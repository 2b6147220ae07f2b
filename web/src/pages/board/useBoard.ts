// Owns binding the board's view to the address bar.
import { useMemo } from "react";
import { addressed, type Change } from "../../state/address";
import { type BoardView, consistent, opensBoard, readBoard, writeBoard } from "./view";

export type ChangeBoard = Change<BoardView>;

const useAddress = addressed<BoardView>({ read: readBoard, write: (view) => writeBoard(consistent(view)), opens: opensBoard });

export function useBoardView(): readonly [BoardView, ChangeBoard] {
  const [view, change] = useAddress();
  return [useMemo(() => consistent(view), [view]), change];
}
