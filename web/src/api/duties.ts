// Owns the shapes of the category catalogue and of the answer to "who is responsible here, and why".
import { bool, type Decoded, type Decoder, id, list, names, nullable, num, object, oneOf, str, withDefault } from "./check";
import { area, type Point } from "./areas";
import { getJson } from "./http";

const category = object({
  code: str,
  kind: str,
  names,
  group: object({ code: nullable(str), names }),
  /** null = not for whoever asks to count. */
  incidents: nullable(num),
  pinyin: withDefault(str, ""),
  initials: withDefault(str, ""),
});
export type Category = Decoded<typeof category>;

/** The matters (事项): what an incident can be about. */
export const fetchCategories = async (signal?: AbortSignal): Promise<Category[]> =>
  (await getJson("/categories", { kind: "matter" }, object({ items: list(category) }), signal)).items;

/** A responsible body: an agency, or the office of an area. */
const body = object({ code: str, names });
export type Body = Decoded<typeof body>;

/** Reasons come as {step, zh, en}. */
const reason: Decoder<{ step: string; text: { zh: string; en: string } }> = (value, path) => ({
  step: object({ step: str })(value, path).step,
  text: names(value, path),
});

const route = object({
  category: body,
  outcome: oneOf("routed", "orphan"),
  lead: nullable(body),
  site: nullable(
    object({
      id,
      names,
      address: nullable(str),
      lon: num,
      lat: num,
      straight_m: nullable(num),
      road_m: nullable(num),
    }),
  ),
  supporting: withDefault(list(body), []),
  item: nullable(
    object({
      code: str,
      basis: nullable(str),
      management_class: nullable(str),
      list: nullable(object({ name: str, version: nullable(id) })),
      area: nullable(body),
      match: nullable(str),
    }),
  ),
  reasons: withDefault(list(reason), []),
  sites_considered: withDefault(
    list(
      object({
        id,
        names,
        straight_m: nullable(num),
        road_m: nullable(num),
        chosen: bool,
        in_service_area: nullable(bool),
      }),
    ),
    [],
  ),
  next: withDefault(list(object({ item_code: nullable(str), body, why: names })), []),
  path: withDefault(list(area), []),
});
export type Route = Decoded<typeof route>;

export const fetchRoute = (categoryCode: string, at: Point, signal?: AbortSignal): Promise<Route> =>
  getJson("/route", { category: categoryCode, lon: at.lon, lat: at.lat, datum: "wgs84" }, route, signal);
