// Owns the diverging ramp: blue to orange (told apart by the colour-blind), around a grey that is named "as before".
import type { Theme } from "../../state/theme";

export interface Diverging {
  /** From much fewer to many more; the middle is zero. */
  readonly steps: readonly [string, string, string, string, string];
  /** Of lines, on any of the steps. */
  readonly edgeLess: string;
  readonly edgeMore: string;
}

export const DIVERGING: Readonly<Record<Theme, Diverging>> = {
  light: { steps: ["#2166ac", "#92c5de", "#ecebe8", "#fdb863", "#b35806"], edgeLess: "#1b4f8a", edgeMore: "#a03b00" },
  dark: { steps: ["#5aa5e6", "#2c5f8c", "#2b2e33", "#8f5a1f", "#f2a548"], edgeLess: "#8ec4f2", edgeMore: "#ffb866" },
};
