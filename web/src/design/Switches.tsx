// Owns the two switches that every page has: language and theme.
import { useLanguage } from "../i18n/language";
import { useTheme } from "../state/theme";
import { MoonIcon, SunIcon } from "./icons";

export function Switches() {
  const { text, setLang } = useLanguage();
  const { theme, setTheme } = useTheme();
  const dark = theme === "dark";
  return (
    <>
      <button type="button" className="button plain" aria-label={text("language.switch.label")} onClick={() => setLang(text.lang === "zh" ? "en" : "zh")}>
        <span lang={text.lang === "zh" ? "en" : "zh-CN"}>{text("language.switch")}</span>
      </button>
      <button type="button" className="button plain square" aria-label={text(dark ? "theme.to.light" : "theme.to.dark")} onClick={() => setTheme(dark ? "light" : "dark")}>
        {dark ? <SunIcon /> : <MoonIcon />}
      </button>
    </>
  );
}
