// Owns pictures of a map: for a printer, which sees no WebGL, and as a file.
import type { GLMap } from "./gl";

/** For the time of printing a still picture takes the canvas's place. */
export function printable(map: GLMap, container: HTMLElement): void {
  const still = new Image();
  still.alt = "";
  still.className = "map-still";
  const before = (): void => {
    map.redraw();
    still.src = map.getCanvas().toDataURL("image/png");
    container.append(still);
  };
  const after = (): void => still.remove();
  addEventListener("beforeprint", before);
  addEventListener("afterprint", after);
  map.once("remove", () => {
    removeEventListener("beforeprint", before);
    removeEventListener("afterprint", after);
  });
}

/** The canvas as PNG; it is drawn once more just before, for a browser forgets what it has shown. */
export function png(map: GLMap): Promise<Blob> {
  map.redraw();
  return new Promise((resolve, reject) => {
    map.getCanvas().toBlob((blob) => {
      if (blob === null) reject(new Error("the map gave no picture"));
      else resolve(blob);
    }, "image/png");
  });
}
