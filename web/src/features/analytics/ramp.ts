// Owns the one sequential ramp of the maps: ColorBrewer BuPu (perceptual, colour-blind safe); the dark theme runs from the ground upwards to light.
import type { Theme } from "../../state/theme";

const LIGHT = ["#edf8fb", "#bfd3e6", "#9ebcda", "#8c96c6", "#8c6bb1", "#88419d", "#6e016b"] as const;
const DARK = ["#2b2440", "#45306a", "#644594", "#8266b5", "#9c8fcb", "#b5bade", "#d8e6f2"] as const;

/** `count` colours from few to many (1–7). */
export function ramp(theme: Theme, count: number): string[] {
  const colours: readonly string[] = theme === "light" ? LIGHT : DARK;
  if (count <= 1) return colours.slice(1, 2);
  return Array.from({ length: count }, (_, index) => colours[Math.round((index * (colours.length - 1)) / (count - 1))] ?? "#888888");
}

/** Heat: from transparent to one hue. */
export const heatHue = (theme: Theme): string => (theme === "light" ? "#7a1280" : "#c9a8f7");
