// Owns binding the map page's view to the address bar.
import { addressed, type Change } from "./address";
import { readView, type View, writeView } from "./view";

/** What opens something (a point, an incident, the table) is a step that Back undoes. */
const opens = (before: View, after: View): boolean =>
  (before.point === null && after.point !== null) || (before.incident === null && after.incident !== null) || (!before.table && after.table);

export type ChangeView = Change<View>;

export const useView = addressed<View>({ read: readView, write: writeView, opens });
