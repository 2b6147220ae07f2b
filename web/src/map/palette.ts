// Owns the colours of the base map: low chroma, low contrast, so that the data stands out. Two sets, each designed.
import type { Theme } from "../state/theme";

export interface Palette {
  readonly ground: string;
  readonly block: string;
  readonly water: string;
  /** Between coloured areas water must not look like one of their classes. */
  readonly waterOnData: string;
  readonly park: string;
  readonly field: string;
  readonly building: string;
  readonly buildingEdge: string;
  readonly streetCase: string;
  readonly street: string;
  readonly streetOnData: string;
  readonly edge: string;
  readonly ink: string;
  readonly inkSoft: string;
  readonly halo: string;
  readonly accent: string;
  /** Above a threshold; always with a sign and a figure. */
  readonly alert: string;
  readonly site: string;
  readonly incident: string;
}

export const PALETTES: Readonly<Record<Theme, Palette>> = {
  light: {
    ground: "#f4f4f2",
    block: "#eeeeeb",
    water: "#c3d9e6",
    waterOnData: "#e4e6e7",
    park: "#dfe9d8",
    field: "#edefe6",
    building: "#dddcd7",
    buildingEdge: "#cbc9c3",
    streetCase: "#dcdad5",
    street: "#ffffff",
    streetOnData: "#ffffff",
    edge: "#4a525c",
    ink: "#23282e",
    inkSoft: "#616973",
    halo: "#ffffff",
    accent: "#0b5cc4",
    alert: "#b3261e",
    site: "#23282e",
    incident: "#7a1280",
  },
  dark: {
    ground: "#16181b",
    block: "#1a1d20",
    water: "#13242f",
    waterOnData: "#13242f",
    park: "#18241c",
    field: "#191d1a",
    building: "#272a2f",
    buildingEdge: "#34383e",
    streetCase: "#101214",
    street: "#31353b",
    streetOnData: "#0f1113",
    edge: "#98a2ae",
    ink: "#eceef1",
    inkSoft: "#a3abb5",
    halo: "#121417",
    accent: "#6aa9ff",
    alert: "#ff9a92",
    site: "#eceef1",
    incident: "#d6b8f2",
  },
};

/** Names on the map are drawn by the browser in the platform's own 中文 face. */
export const FONT = '"PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC", sans-serif';
