// Owns colours that tell things apart without an order: eight in each theme, told apart by the colour-blind too (after Okabe and Ito, softened for maps).
import type { Theme } from "../state/theme";

export const QUALITATIVE: Readonly<Record<Theme, readonly string[]>> = {
  light: ["#7fb2d9", "#e6ab6e", "#7fc4a6", "#d99ab9", "#c9bd5e", "#9d95d1", "#d98f80", "#9fa8b2"],
  dark: ["#31668f", "#8f5f26", "#2a7659", "#8a4a6b", "#776c1d", "#5a5296", "#8b483b", "#59626d"],
};

/** The colour of a small number; more than there are begin again. */
export const qualitative = (theme: Theme, number: number): string => QUALITATIVE[theme][number % QUALITATIVE[theme].length] ?? "#888888";
