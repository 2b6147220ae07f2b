// Owns the wall screen.
import type { Board } from "../slots";

export function ScreenPage({ board }: { readonly board: Board }) {
  return <p>{board.sentence}</p>;
}
