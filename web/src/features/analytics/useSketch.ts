// Owns what is drawn in place of a map that has not come yet: a level's areas, in the colours of their classes.
import { useMemo } from "react";
import type { Level } from "../../api/city";
import type { Drawing } from "../../map/Sketch";
import { fillsOf } from "../../map/fitting";
import { useOutlines } from "../../state/queries";

const NO_CLASSES: ReadonlyMap<string, number> = new Map();

/** `classes`: of the areas of `level`; none where the map shows something else. */
export function useSketch(level: Level, classes: ReadonlyMap<string, number> | null, colours: readonly string[], hidden: readonly number[]): Drawing | null {
  const outlines = useOutlines(level).data;
  return useMemo(
    () => (outlines === undefined ? null : { outlines, fills: fillsOf(outlines.level === level && classes !== null ? classes : NO_CLASSES, colours, hidden) }),
    [outlines, level, classes, colours, hidden],
  );
}
