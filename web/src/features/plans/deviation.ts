// Owns how a grid stands to its target: five classes around it, and their colours. Pure.
import type { Theme } from "../../state/theme";

/** Far below, below, within the band, above, far above. Far: more than twice the band away. */
export const STANDINGS = ["far-below", "below", "within", "above", "far-above"] as const;
export type Standing = (typeof STANDINGS)[number];

export function standingOf(deviation: number, inBand: boolean, band: number): Standing {
  if (inBand) return "within";
  const far = Math.abs(deviation) > 2 * Math.max(band, 0.01);
  if (deviation < 0) return far ? "far-below" : "below";
  return far ? "far-above" : "above";
}

/** ColorBrewer PuOr around the target: seen apart by the colour-blind too; the dark set is drawn for dark ground. */
const COLOURS: Readonly<Record<Theme, Readonly<Record<Standing, string>>>> = {
  light: { "far-below": "#7a64ac", below: "#c3bbdd", within: "#e9ebe8", above: "#f9c98a", "far-above": "#e08214" },
  dark: { "far-below": "#8f7cc4", below: "#54497a", within: "#2b3034", above: "#7d5420", "far-above": "#d98324" },
};

export const standingColour = (theme: Theme, standing: Standing): string => COLOURS[theme][standing];
