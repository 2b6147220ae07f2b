// Owns the addresses of pages that the server makes for people without an account.
import type { Level } from "./city";
import { address, type Params } from "./http";

/** The same view as one file that opens without a network. */
export const densityPage = (level: Level, lang: "zh" | "en", asked: Params): string => address("/reports/density.html", { ...asked, level, language: lang });
