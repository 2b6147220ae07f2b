// Owns the bar above every page: whose data this is, the search, and the switches of the whole page.
import type { Hit } from "../../api/areas";
import type { City } from "../../api/city";
import { MapIcon, MoonIcon, SlidersIcon, SunIcon, TableIcon } from "../../design/icons";
import { SearchBox } from "../../features/areas/SearchBox";
import { useLanguage } from "../../i18n/language";
import { useTheme } from "../../state/theme";

interface Props {
  readonly city: City | undefined;
  readonly controls: boolean;
  readonly onControls: (open: boolean) => void;
  readonly table: boolean;
  readonly onTable: (open: boolean) => void;
  readonly onGo: (hit: Hit) => void;
}

export function TopBar({ city, controls, onControls, table, onTable, onGo }: Props) {
  const { text, setLang } = useLanguage();
  const { theme, setTheme } = useTheme();
  const dark = theme === "dark";
  return (
    <header className="top">
      <button type="button" className="button plain square" aria-expanded={controls} aria-label={text(controls ? "panel.controls.hide" : "panel.controls.show")} onClick={() => onControls(!controls)}>
        <SlidersIcon />
      </button>
      <h1 className="title">
        {city === undefined ? text("app.name") : city.names[text.lang]}
        {city?.demo === true ? (
          <span className="tag" title={text("app.demo.note")}>
            {text("app.demo")}
          </span>
        ) : null}
      </h1>
      <SearchBox onGo={onGo} />
      <div className="switches">
        <button type="button" className="button" aria-label={text(table ? "table.hide" : "table.show")} onClick={() => onTable(!table)}>
          {table ? <MapIcon /> : <TableIcon />}
          <span className="wide">{text(table ? "table.hide" : "table.show")}</span>
        </button>
        <button type="button" className="button plain" aria-label={text("language.switch.label")} onClick={() => setLang(text.lang === "zh" ? "en" : "zh")}>
          <span lang={text.lang === "zh" ? "en" : "zh-CN"}>{text("language.switch")}</span>
        </button>
        <button type="button" className="button plain square" aria-label={text(dark ? "theme.to.light" : "theme.to.dark")} onClick={() => setTheme(dark ? "light" : "dark")}>
          {dark ? <SunIcon /> : <MoonIcon />}
        </button>
      </div>
    </header>
  );
}
