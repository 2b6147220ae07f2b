// Owns what the map page has in the bar: its panel, the search, the table.
import type { Hit } from "../../api/areas";
import { MapIcon, SlidersIcon, TableIcon } from "../../design/icons";
import { SearchBox } from "../../features/areas/SearchBox";
import { useText } from "../../i18n/language";
import { TopBar } from "../../shell/TopBar";

interface Props {
  readonly controls: boolean;
  readonly onControls: (open: boolean) => void;
  /** null = there is no table for whoever may not count. */
  readonly table: boolean | null;
  readonly onTable: (open: boolean) => void;
  readonly onGo: (hit: Hit) => void;
}

export function Bar({ controls, onControls, table, onTable, onGo }: Props) {
  const text = useText();
  const panel = (
    <button type="button" className="button plain square" aria-expanded={controls} aria-label={text(controls ? "panel.controls.hide" : "panel.controls.show")} onClick={() => onControls(!controls)}>
      <SlidersIcon />
    </button>
  );
  const switched = table === null ? null : (
    <button type="button" className="button" aria-label={text(table ? "table.hide" : "table.show")} onClick={() => onTable(!table)}>
      {table ? <MapIcon /> : <TableIcon />}
      <span className="wide">{text(table ? "table.hide" : "table.show")}</span>
    </button>
  );
  return (
    <TopBar lead={panel} tools={switched}>
      <SearchBox onGo={onGo} />
    </TopBar>
  );
}
