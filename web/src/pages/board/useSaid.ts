// Owns what the board says of itself: the sentence, against what is usual, and what clearing the filters leaves.
import { useMemo } from "react";
import type { Anchor } from "../../api/areas";
import type { Category } from "../../api/duties";
import { isNarrowed } from "../../features/analytics/asked";
import { stateWord } from "../../features/analytics/words";
import { categoryName } from "../../features/duties/CategoryPicker";
import { channelWord, statusWord } from "../../features/incidents/words";
import { useText } from "../../i18n/language";
import { againstUsual, periodText, sentenceParts, usualText } from "./sentence";
import type { BoardData } from "./useBoardData";
import { type BoardView, START } from "./view";

export interface Said {
  /** The first one is how many. */
  readonly parts: readonly string[];
  readonly usual: string | null;
  readonly why: string | null;
  /** Why counts do not follow just now; empty when they do. */
  readonly behind: string;
  readonly narrowed: boolean;
  readonly total: number | null;
  readonly cleared: Partial<BoardView>;
}

const CLEARED: Partial<BoardView> = {
  categories: START.categories,
  agencies: START.agencies,
  channels: START.channels,
  states: START.states,
  area: START.area,
  hidden: [],
};

export function useSaid(view: BoardView, data: BoardData, categories: readonly Category[], area: Anchor | null): Said {
  const text = useText();
  const { measured, agencies, days, total, usual } = data;
  // Of what is shown, not of what is under way: number and words belong together.
  const asked = measured?.asked ?? data.asked;
  return useMemo(() => {
    const { lang } = text;
    const named = {
      categories: asked.categories.map((code) => categoryName(categories, code, lang)),
      agencies: asked.agencies.map((id) => agencies?.find((one) => one.id === id)?.names[lang] ?? id),
      channels: asked.channels.map((one) => channelWord(one, text)),
      states: asked.states.map((one) => (asked.of === "cases" ? stateWord(one, text) : statusWord(one, text))),
      area: asked.area === null ? null : (area?.names[lang] ?? "…"),
    };
    const period = periodText(text, asked, view.cumulative, days.at(-1)?.day ?? null);
    return {
      parts: total === null ? ["…", period] : sentenceParts(text, asked.of, total, period, named),
      usual: total === null ? null : againstUsual(text, total, usual),
      why: usual === null ? null : usualText(text, usual),
      behind: measured?.counts.behind ?? "",
      narrowed: isNarrowed(asked),
      total,
      cleared: CLEARED,
    };
  }, [asked, measured, agencies, days, total, usual, categories, area, text, view.cumulative]);
}
