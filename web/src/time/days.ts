// Owns days of a city: the day an instant falls on, wall time, and the arithmetic between days. Pure, no clock.

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const MS_PER_DAY = 86_400_000;

const utc = (day: string): number => Date.parse(`${day}T00:00:00Z`);
const spell = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

/** A real calendar day written YYYY-MM-DD. */
export function isDay(text: string): boolean {
  if (!DAY.test(text)) return false;
  const ms = utc(text);
  return !Number.isNaN(ms) && spell(ms) === text;
}

export const addDays = (day: string, count: number): string => spell(utc(day) + count * MS_PER_DAY);

/** How many days `to` is after `from`. */
export const daysBetween = (from: string, to: string): number => Math.round((utc(to) - utc(from)) / MS_PER_DAY);

/** The city's day at an instant. */
export function dayOf(instant: string, timeZone: string): string {
  const parts = new Intl.DateTimeFormat("en-CA", { timeZone, year: "numeric", month: "2-digit", day: "2-digit" }).formatToParts(
    new Date(instant),
  );
  const part = (type: string): string => parts.find((item) => item.type === type)?.value ?? "";
  return `${part("year")}-${part("month")}-${part("day")}`;
}

/** How far the zone's clock is ahead of UTC at an instant, in ms. */
function offset(ms: number, timeZone: string): number {
  const parts = new Intl.DateTimeFormat("en-CA", {
    timeZone,
    hourCycle: "h23",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  }).formatToParts(new Date(ms));
  const part = (type: string): number => Number(parts.find((item) => item.type === type)?.value);
  const shown = Date.UTC(part("year"), part("month") - 1, part("day"), part("hour"), part("minute"), part("second"));
  return shown - Math.floor(ms / 1000) * 1000;
}

/** An instant as the value of a datetime-local input, in the city's time. */
export function wallTime(instant: string, timeZone: string): string {
  const ms = Date.parse(instant);
  return new Date(ms + offset(ms, timeZone)).toISOString().slice(0, 16);
}

/** And back. Clock changes are minded: the offset is asked where the answer lies. */
export function instantOf(wall: string, timeZone: string): string {
  const ms = Date.parse(`${wall.length === 16 ? `${wall}:00` : wall}Z`);
  let guess = ms - offset(ms, timeZone);
  guess = ms - offset(guess, timeZone);
  return new Date(guess).toISOString();
}
