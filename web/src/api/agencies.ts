// Owns the shape of the agencies of the city, as filters and rankings name them.
import { type Decoded, id, list, names, nullable, object, str } from "./check";
import { getJson } from "./http";

const agency = object({ id, code: str, names, parent: nullable(id) });
export type Agency = Decoded<typeof agency>;

export const fetchAgencies = async (signal?: AbortSignal): Promise<Agency[]> => (await getJson("/agencies", {}, object({ items: list(agency) }), signal)).items;
