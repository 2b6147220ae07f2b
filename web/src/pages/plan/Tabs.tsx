// Owns the tabs of one plan: one is open, arrows go from one to the next (WAI-ARIA tabs).
import { type KeyboardEvent, useRef } from "react";
import { type Tab, TABS } from "../../features/plans/address";
import { useText } from "../../i18n/language";
import { useMay } from "../../state/session";

/** What a tab needs beyond looking at plans. */
const NEEDS: Readonly<Partial<Record<Tab, string>>> = { compare: "plans.preview", preview: "plans.preview" };

export function Tabs({ show, onShow }: { readonly show: Tab; readonly onShow: (tab: Tab) => void }) {
  const text = useText();
  const may = useMay();
  const list = useRef<HTMLDivElement>(null);
  const tabs = TABS.filter((one) => {
    const needs = NEEDS[one];
    return needs === undefined || may(needs);
  });
  const turn = (event: KeyboardEvent): void => {
    const by = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    const next = tabs[(tabs.indexOf(show) + by + tabs.length) % tabs.length];
    if (by === 0 || next === undefined) return;
    event.preventDefault();
    onShow(next);
    list.current?.querySelector<HTMLElement>(`[data-tab="${next}"]`)?.focus();
  };
  return (
    <div className="plan-tabs" role="tablist" aria-label={text("plans.tabs")} ref={list} onKeyDown={turn}>
      {tabs.map((one) => (
        <button key={one} type="button" role="tab" data-tab={one} aria-selected={one === show} tabIndex={one === show ? 0 : -1} onClick={() => onShow(one)}>
          {text(`plans.tab.${one}`)}
        </button>
      ))}
    </div>
  );
}
