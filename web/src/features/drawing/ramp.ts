// Owns the colours of grids while they are drawn: eight that can be told apart beside each other, and a diverging five around the band.
// ColorBrewer Set2 and PuOr, muted for the dark ground.
import type { Theme } from "../../state/theme";

const GRIDS: Readonly<Record<Theme, readonly string[]>> = {
  light: ["#66c2a5", "#f5a27a", "#8da0cb", "#e78ac3", "#a6d854", "#f2d24b", "#cfae86", "#7cc7e0"],
  dark: ["#2a8f73", "#b0623a", "#5a70aa", "#a2528c", "#6d9530", "#a08a22", "#8a7152", "#35839f"],
};
/** From far too few households to far too many. */
const OFF: Readonly<Record<Theme, readonly string[]>> = {
  light: ["#7b5fb0", "#b9aedb", "#e9eaec", "#fdc47c", "#e0761b"],
  dark: ["#8f78cf", "#5a4d86", "#33383f", "#8d6224", "#d98530"],
};

export const gridColours = (theme: Theme): readonly string[] => GRIDS[theme];
export const offColours = (theme: Theme): readonly string[] => OFF[theme];
/** Ground that belongs to no grid. */
export const nobodyColour = (theme: Theme): string => (theme === "light" ? "#b3261e" : "#ff8a80");
/** What another drew meanwhile, and what of ours waits. */
export const disputeColours = (theme: Theme): readonly [theirs: string, ours: string] => (theme === "light" ? ["#b3261e", "#0b5cc4"] : ["#ff9a92", "#6aa9ff"]);
