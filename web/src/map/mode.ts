// Owns what pointer and keys can do on a map, as a value: a page changes its mode, never the map's listeners.
import type { Point } from "../api/areas";
import type { MapGeoJSONFeature } from "./gl";

export interface Keys {
  readonly shift: boolean;
  /** Ctrl, or the command key. */
  readonly ctrl: boolean;
  readonly alt: boolean;
}

/** Where a pointer is. */
export interface Pointed extends Point {
  /** Pixels from the map's upper left corner. */
  readonly x: number;
  readonly y: number;
  readonly keys: Keys;
  /** What is drawn there, the topmost first, of the layers that the mode names; asked for only when it is read. */
  readonly features: () => readonly MapGeoJSONFeature[];
}

/** A gesture from pressing to letting go; while it lasts, the map does not move. */
export interface Press {
  /** False: not for us, the map moves as ever. */
  readonly start: (at: Pointed) => boolean;
  readonly move: (at: Pointed) => void;
  /** null: it was broken off (Escape, a second finger, the mode changed); nothing of it shall stay. */
  readonly end: (at: Pointed | null) => void;
}

export interface Mode {
  readonly name: string;
  /** A CSS cursor; "" = the map's own. */
  readonly cursor: string;
  /** Layers in which features are looked for. */
  readonly layers: readonly string[];
  /** A click, or Enter at the crosshair. null: clicks do nothing. */
  readonly pick: ((at: Pointed, byKeyboard: boolean) => void) | null;
  readonly press: Press | null;
  /** The pointer passes over the map without pressing; null: it left. Never the only way to something. */
  readonly hover: ((at: Pointed | null) => void) | null;
  /** Two clicks in a row, for what is drawn point by point; null: the map zooms in. */
  readonly twice: ((at: Pointed) => void) | null;
}

/** Looking only: the map moves, nothing can be chosen. */
export const LOOK: Mode = { name: "look", cursor: "", layers: [], pick: null, press: null, hover: null, twice: null };
