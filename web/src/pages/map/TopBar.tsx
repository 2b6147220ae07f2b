// Owns the bar above every page: whose data this is, the search, and the switches of the whole page.
import type { Hit } from "../../api/areas";
import type { City } from "../../api/city";
import { MapIcon, SlidersIcon, TableIcon } from "../../design/icons";
import { Switches } from "../../design/Switches";
import { SearchBox } from "../../features/areas/SearchBox";
import { AccountMenu } from "../../features/session/AccountMenu";
import { useText } from "../../i18n/language";

interface Props {
  readonly city: City | undefined;
  readonly controls: boolean;
  readonly onControls: (open: boolean) => void;
  /** null = there is no table for whoever may not count. */
  readonly table: boolean | null;
  readonly onTable: (open: boolean) => void;
  readonly onGo: (hit: Hit) => void;
}

export function TopBar({ city, controls, onControls, table, onTable, onGo }: Props) {
  const text = useText();
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
        {table === null ? null : (
          <button type="button" className="button" aria-label={text(table ? "table.hide" : "table.show")} onClick={() => onTable(!table)}>
            {table ? <MapIcon /> : <TableIcon />}
            <span className="wide">{text(table ? "table.hide" : "table.show")}</span>
          </button>
        )}
        <span className="switches-wide">
          <Switches />
        </span>
        <AccountMenu />
      </div>
    </header>
  );
}
