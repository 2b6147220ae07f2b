// Owns calming what changes many times a second: the first change is taken at once, those that follow on its heels when they rest.
import { useEffect, useRef, useState } from "react";

export function useSettled<T>(value: T, restMs: number): T {
  const [settled, setSettled] = useState(value);
  const last = useRef(0);
  useEffect(() => {
    if (Object.is(value, settled)) return undefined;
    const take = (): void => {
      last.current = performance.now();
      setSettled(value);
    };
    const timer = setTimeout(take, Math.max(0, last.current + restMs - performance.now()));
    return () => clearTimeout(timer);
  }, [value, settled, restMs]);
  return settled;
}
