// Owns the few expressions that several layers share.
import type { ExpressionSpecification } from "maplibre-gl";
import type { Lang } from "../i18n/text";

/** Stops by zoom, between which lengths double as the map does. */
export const zoomed = (...stops: (number | ExpressionSpecification)[]): ExpressionSpecification =>
  ["interpolate", ["exponential", 1.5], ["zoom"], ...stops] as unknown as ExpressionSpecification;

/** A feature's name in the language of the page, or else in the other. */
export const name = (lang: Lang): ExpressionSpecification =>
  lang === "zh" ? ["coalesce", ["get", "name_zh"], ["get", "name_en"], ""] : ["coalesce", ["get", "name_en"], ["get", "name_zh"], ""];
