// Owns binding the turning of pages to the clock, the keys and the mouse.
import { useEffect, useState } from "react";
import { begin, rests, tick, toggled, touched, type Turning, turned } from "./turning";

const TICK_MS = 500;

export interface Turned {
  readonly turning: Turning;
  readonly now: number;
  readonly paused: boolean;
}

export function useTurning(everyS: number, onLeave: () => void): Turned {
  const [now, setNow] = useState(() => Date.now());
  const [turning, setTurning] = useState<Turning>(() => begin(Date.now()));
  useEffect(() => {
    const timer = setInterval(() => {
      const at = Date.now();
      setNow(at);
      setTurning((before) => tick(before, at, everyS * 1000));
    }, TICK_MS);
    return () => clearInterval(timer);
  }, [everyS]);
  useEffect(() => {
    const keyed = (event: KeyboardEvent): void => {
      if (event.altKey || event.ctrlKey || event.metaKey) return;
      const at = Date.now();
      if (event.key === "Escape") onLeave();
      else if (event.key === " ") setTurning((before) => toggled(before, at));
      else if (event.key === "ArrowRight" || event.key === "PageDown") setTurning((before) => touched(turned(before, 1, at), at));
      else if (event.key === "ArrowLeft" || event.key === "PageUp") setTurning((before) => touched(turned(before, -1, at), at));
      else return;
      event.preventDefault();
    };
    const moved = (): void => setTurning((before) => touched(before, Date.now()));
    addEventListener("keydown", keyed);
    addEventListener("pointermove", moved);
    addEventListener("pointerdown", moved);
    return () => {
      removeEventListener("keydown", keyed);
      removeEventListener("pointermove", moved);
      removeEventListener("pointerdown", moved);
    };
  }, [onLeave]);
  return { turning, now, paused: rests(turning, now) };
}
