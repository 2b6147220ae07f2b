// Owns which language the page speaks: remembered, put on <html lang>, offered to every component.
import { createContext, type ReactNode, useContext, useLayoutEffect, useMemo, useState } from "react";
import { remember, remembered } from "../state/memory";
import { type Lang, LANG_TAG, oneOfLangs, type Text, textFor } from "./text";

interface Language {
  readonly text: Text;
  readonly setLang: (lang: Lang) => void;
}

const LanguageContext = createContext<Language | null>(null);

function initial(): Lang {
  const kept = remembered("lang");
  return kept === "zh" || kept === "en" ? kept : oneOfLangs(navigator.languages);
}

export function LanguageProvider({ children }: { readonly children: ReactNode }) {
  const [lang, setLang] = useState<Lang>(initial);
  useLayoutEffect(() => {
    document.documentElement.lang = LANG_TAG[lang];
    document.title = textFor(lang)("app.name");
  }, [lang]);
  const value = useMemo<Language>(
    () => ({
      text: textFor(lang),
      setLang: (next) => {
        remember("lang", next);
        setLang(next);
      },
    }),
    [lang],
  );
  return <LanguageContext value={value}>{children}</LanguageContext>;
}

export function useLanguage(): Language {
  const value = useContext(LanguageContext);
  if (value === null) throw new Error("useLanguage outside its provider");
  return value;
}

export const useText = (): Text => useLanguage().text;
