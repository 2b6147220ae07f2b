// Owns plans as files: where they are to be had, what a file would change, taking it.
import { bool, type Decoded, type Decoder, list, names, nullable, num, object, record, str } from "./check";
import { gridPair, movedGround } from "./effects";
import { address, sendForm } from "./http";
import { IN_FORCE } from "./effects";
import { planPath } from "./plans";

export const FORMATS = ["gpkg", "geojson", "shp", "csv"] as const;
export type FileFormat = (typeof FORMATS)[number];

/** `of`: a plan's id, or what is in force. `community`: by code; null = all. */
export const fileAddress = (of: string, format: FileFormat, community: string | null): string =>
  address(of === IN_FORCE ? "/plans/in-force/file" : `${planPath(of)}/file`, { format, community });

const fileFinding = object({ kind: str, severity: str, rows: list(num), place: nullable(list(num)), text: names });
export type FileFinding = Decoded<typeof fileFinding>;
const fault = object({ row: num, column: str, value: str, code: str, text: names });
export type FileFault = Decoded<typeof fault>;

const filePreview = object({
  community: str,
  revision: nullable(num),
  unchanged: bool,
  grids_before: num,
  grids_after: num,
  fates: record(num),
  renamed: list(num),
  locked: list(num),
  households_moved: num,
  atoms_moved: num,
  atoms_unassigned: num,
  households_unassigned: num,
  cut_count: num,
  findings: list(fileFinding),
  fault_count: num,
  faults: list(fault),
  grids: list(gridPair),
  moved: list(movedGround),
});
export type FilePreview = Decoded<typeof filePreview>;

/** What is said of a file beside its content. */
export interface Meaning {
  readonly datum: "wgs84" | "gcj02" | "bd09";
  /** Such as EPSG:4548; null = as the file says. */
  readonly crs: string | null;
}

const path = (plan: string, part: string): string => `${planPath(plan)}/parts/${encodeURIComponent(part)}/file`;

function form(file: File): FormData {
  const made = new FormData();
  made.append("file", file);
  return made;
}

export const previewFile = (plan: string, part: string, file: File, means: Meaning): Promise<FilePreview> =>
  sendForm(`${path(plan, part)}/preview`, { ...means }, form(file), filePreview);

const taken: Decoder<{ done: { revision: number } }> = object({ done: object({ revision: num }) });

/** As one operation. `revision`: that of the preview. */
export const takeFile = async (plan: string, part: string, file: File, means: Meaning, revision: number, leaveBadRows: boolean): Promise<number> =>
  (await sendForm(path(plan, part), { ...means, revision, leave_bad_rows: leaveBadRows ? "true" : null }, form(file), taken)).done.revision;
