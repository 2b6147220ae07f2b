// Owns light and dark: the system's wish until the user chooses, then the choice, remembered.
import { createContext, type ReactNode, useContext, useLayoutEffect, useMemo, useState, useSyncExternalStore } from "react";
import { remember, remembered } from "./memory";

export type Theme = "light" | "dark";

interface Themed {
  readonly theme: Theme;
  readonly setTheme: (theme: Theme) => void;
}

const ThemeContext = createContext<Themed | null>(null);
const darkWish = () => matchMedia("(prefers-color-scheme: dark)");

function subscribe(changed: () => void): () => void {
  const wish = darkWish();
  wish.addEventListener("change", changed);
  return () => wish.removeEventListener("change", changed);
}

export function ThemeProvider({ children }: { readonly children: ReactNode }) {
  const system: Theme = useSyncExternalStore(subscribe, () => darkWish().matches) ? "dark" : "light";
  const [chosen, setChosen] = useState<Theme | null>(() => {
    const kept = remembered("theme");
    return kept === "light" || kept === "dark" ? kept : null;
  });
  const theme = chosen ?? system;
  useLayoutEffect(() => {
    document.documentElement.dataset["theme"] = theme;
  }, [theme]);
  const value = useMemo<Themed>(
    () => ({
      theme,
      setTheme: (next) => {
        remember("theme", next);
        setChosen(next);
      },
    }),
    [theme],
  );
  return <ThemeContext value={value}>{children}</ThemeContext>;
}

export function useTheme(): Themed {
  const value = useContext(ThemeContext);
  if (value === null) throw new Error("useTheme outside its provider");
  return value;
}
