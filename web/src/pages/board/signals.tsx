// Owns what findings, comparison, alerts and export add to the board.
import type { Added, Board } from "./slots";
import type { BoardView } from "./view";

const NOTHING: Added = { fragments: [], data: {}, areaStates: new Map(), reading: null, controls: null, tools: null, panel: null, notices: null };

export function useSignals(board: Board): Added {
  void board;
  return NOTHING;
}
