// Owns the drawing that stands where the map will, until it has come: the areas in their colours, no base map, no names.
import { useLayoutEffect, useRef, useState } from "react";
import type { Outlines } from "../api/outlines";
import type { Camera } from "../state/spelling";
import type { Box } from "./box";
import { viewBox } from "./fitting";

export interface Drawing {
  readonly outlines: Outlines;
  /** Areas without one are not filled. */
  readonly fills: ReadonlyMap<string, string>;
}

export function Sketch({ drawing, start }: { readonly drawing: Drawing; readonly start: Camera | Box }) {
  const { outlines, fills } = drawing;
  const box = useRef<SVGSVGElement>(null);
  const [size, setSize] = useState<readonly [width: number, height: number] | null>(null);
  useLayoutEffect(() => {
    if (box.current !== null) setSize([box.current.clientWidth, box.current.clientHeight]);
  }, []);
  return (
    <svg ref={box} className="map-sketch" aria-hidden="true" {...(size === null ? {} : { viewBox: viewBox(outlines, start, ...size) })}>
      {size === null ? null : outlines.items.map(({ id, path }) => <path key={id} d={path} fill={fills.get(id) ?? "none"} vectorEffect="non-scaling-stroke" />)}
    </svg>
  );
}
