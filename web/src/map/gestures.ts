// Owns turning what pointer and keys do on a map into the words of its mode. The mode is asked at each event: it may change between two.
import type { GLMap, MapMouseEvent } from "./gl";
import type { Keys, Mode, Pointed } from "./mode";

interface Held {
  readonly mode: Mode;
  readonly pointer: number;
}

const keysOf = (event: { shiftKey: boolean; ctrlKey: boolean; metaKey: boolean; altKey: boolean }): Keys => ({
  shift: event.shiftKey,
  ctrl: event.ctrlKey || event.metaKey,
  alt: event.altKey,
});
const NO_KEYS: Keys = { shift: false, ctrl: false, alt: false };

/** Listens until the map is removed. Returns how a press that is under way is broken off. */
export function listen(map: GLMap, mode: () => Mode): () => void {
  const canvas = map.getCanvas();
  const layersOf = (now: Mode): string[] => now.layers.filter((id) => map.getLayer(id) !== undefined);
  const pointed = (now: Mode, x: number, y: number, keys: Keys): Pointed => {
    const { lng, lat } = map.unproject([x, y]);
    return { lon: lng, lat, x, y, keys, features: () => map.queryRenderedFeatures([x, y], { layers: layersOf(now) }) };
  };
  const ofMouse = (now: Mode, event: MapMouseEvent): Pointed => pointed(now, event.point.x, event.point.y, keysOf(event.originalEvent));
  const ofPointer = (now: Mode, event: PointerEvent): Pointed => {
    const box = canvas.getBoundingClientRect();
    return pointed(now, event.clientX - box.left, event.clientY - box.top, keysOf(event));
  };

  let held: Held | null = null;
  const release = (event: PointerEvent | null): void => {
    if (held === null) return;
    const { mode: began, pointer } = held;
    held = null;
    map.dragPan.enable();
    map.boxZoom.enable();
    if (canvas.hasPointerCapture(pointer)) canvas.releasePointerCapture(pointer);
    began.press?.end(event === null ? null : ofPointer(began, event));
  };

  // In the capture phase and before MapLibre hears of it: a press that is taken does not begin a drag of the map.
  canvas.addEventListener(
    "pointerdown",
    (event) => {
      if (held !== null) {
        release(null); // a second finger: somebody wants to move the map
        return;
      }
      const now = mode();
      if (event.button !== 0 || now.press === null) return;
      map.dragPan.disable();
      map.boxZoom.disable();
      if (now.press.start(ofPointer(now, event))) {
        held = { mode: now, pointer: event.pointerId };
        canvas.setPointerCapture(event.pointerId);
      } else {
        map.dragPan.enable();
        map.boxZoom.enable();
      }
    },
    { capture: true },
  );
  canvas.addEventListener("pointermove", (event) => {
    if (held !== null && event.pointerId === held.pointer) {
      // Between two frames a pen passes many places; none is to be jumped over.
      const { press } = held.mode;
      const passed = event.getCoalescedEvents();
      for (const one of passed.length > 0 ? passed : [event]) press?.move(ofPointer(held.mode, one));
    } else if (held === null && event.buttons === 0) {
      const now = mode();
      now.hover?.(ofPointer(now, event));
    }
  });
  canvas.addEventListener("pointerleave", () => {
    if (held === null) mode().hover?.(null);
  });
  canvas.addEventListener("pointerup", (event) => {
    if (held?.pointer === event.pointerId) release(event);
  });
  canvas.addEventListener("pointercancel", (event) => {
    if (held?.pointer === event.pointerId) release(null);
  });

  map.on("click", (event) => {
    const now = mode();
    now.pick?.(ofMouse(now, event), false);
  });
  map.on("dblclick", (event) => {
    const now = mode();
    if (now.twice === null) return;
    event.preventDefault();
    now.twice(ofMouse(now, event));
  });
  canvas.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && held !== null) {
      event.stopPropagation();
      release(null);
    }
    if (event.key !== "Enter" || event.repeat) return;
    const now = mode();
    if (now.pick === null) return;
    event.preventDefault();
    const { clientWidth, clientHeight } = map.getContainer();
    now.pick(pointed(now, clientWidth / 2, clientHeight / 2, NO_KEYS), true);
  });
  return () => release(null);
}
