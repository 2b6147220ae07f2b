// Owns the shape of a report and of its receipt.
import { area, type Point } from "./areas";
import { type Decoded, id, list, names, nullable, object, str, withDefault } from "./check";
import { postJson } from "./http";

export interface Report {
  /** Made by the client, so that sending twice records once. */
  readonly id: string;
  readonly category: string;
  readonly point: Point;
  readonly datum: "wgs84";
  readonly accuracy_m?: number;
  readonly happened_at: string;
  readonly channel: string;
  readonly text: string;
  readonly reporter?: { readonly name?: string; readonly phone?: string };
}

const receipt = object({
  id,
  number: str,
  /** Shown once, to whoever reported: with the number it tells how the matter stands. */
  secret: nullable(str),
  happened_at: str,
  path: withDefault(list(area), []),
  lead: nullable(object({ code: str, names })),
  candidates: withDefault(list(area), []),
});
export type Receipt = Decoded<typeof receipt>;

/** 201 = recorded now, 200 = had been recorded before: the same receipt. */
export async function sendReport(report: Report): Promise<{ receipt: Receipt; repeated: boolean }> {
  const { status, value } = await postJson("/incidents", report, receipt);
  return { receipt: value, repeated: status === 200 };
}
