// Owns binding what the page of areas shows to the address bar.
import { addressed, type Change } from "../../state/address";
import { type AreasView, opens, readAreas, writeAreas } from "./view";

export type ChangeAreas = Change<AreasView>;
export const useAreasView = addressed<AreasView>({ read: readAreas, write: writeAreas, opens });
