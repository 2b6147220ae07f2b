// Owns the order and the colours of what becomes of grids. Pure.
import { type Fate, FATES } from "../../api/effects";
import type { Theme } from "../../state/theme";

const COLOURS: Readonly<Record<Theme, Readonly<Record<Fate, string>>>> = {
  light: { same: "#e9ebe8", changed: "#efe4c6", split: "#fdbf6f", merged: "#cab2d6", new: "#b2df8a", ended: "#d9a9a4" },
  dark: { same: "#2b3034", changed: "#4a432c", split: "#8a5a1c", merged: "#63498c", new: "#3f7040", ended: "#7a3f3b" },
};

export const fateColour = (theme: Theme, fate: Fate): string => COLOURS[theme][fate];
export const fateColours = (theme: Theme): string[] => FATES.map((fate) => COLOURS[theme][fate]);
export const fateClass = (fate: Fate): number => FATES.indexOf(fate);
