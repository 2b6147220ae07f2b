// Owns how the figures of a finding are written. Pure.
import { dayText, number, type Text } from "../../i18n/text";

/** "p = 0.003", "p < 0.001": never 0. */
export const chance = (text: Text, p: number): string => (p < 0.001 ? "p < 0.001" : `p = ${number(text.lang, p, 3)}`);

export const times = (text: Text, ratio: number): string => text("signals.times", { n: number(text.lang, ratio, ratio < 10 ? 1 : 0) });

/** "17 – 23 Nov", or one day. */
export const span = (text: Text, first: string, last: string): string =>
  first === last ? dayText(text.lang, first, true) : `${dayText(text.lang, first, true)} – ${dayText(text.lang, last, true)}`;
