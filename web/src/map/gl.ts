// Owns the one place where MapLibre is imported: its worker comes from our own origin as a module (no blob:), its fonts from the system.
import { setWorkerUrl } from "maplibre-gl";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url";

setWorkerUrl(workerUrl);

export { Map as GLMap, ScaleControl } from "maplibre-gl";
export type { GeoJSONSource, LayerSpecification, LngLatBoundsLike, MapGeoJSONFeature, MapMouseEvent, StyleSpecification, VectorTileSource } from "maplibre-gl";
