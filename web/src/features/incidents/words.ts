// Owns the words for what the server names by a code: channels and states of incidents. Pure.
import type { Text } from "../../i18n/text";

const CHANNELS = ["worker", "hotline", "mini-program", "window", "visit", "deputy", "sensor", "import"] as const;
const STATES = ["open", "closed", "void", "duplicate"] as const;

/** A code that is newer than these pages is shown as it is. */
export function channelWord(channel: string, text: Text): string {
  const known = CHANNELS.find((one) => one === channel);
  return known === undefined ? channel : text(`channel.${known}`);
}

export function statusWord(status: string, text: Text): string {
  const known = STATES.find((one) => one === status);
  return known === undefined ? status : text(`status.${known}`);
}
