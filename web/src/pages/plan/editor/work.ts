// Owns what the tools hold of the page: told after each drawing of it, read at each event.
import type { Drawing } from "../../../features/drawing/drawing";
import type { Sketch } from "../../../features/drawing/sketch";
import type { Bench, Hand, Said } from "../../../features/drawing/tools";
import type { MapHandle } from "../../../map/MapView";

interface Page {
  readonly hand: Hand;
  readonly change: (part: Partial<Hand>) => void;
  readonly say: (said: Said) => void;
  readonly map: MapHandle | null;
}

export class Work implements Bench {
  readonly drawing: Drawing;
  #hand: Hand;
  #page: Page | null = null;

  constructor(drawing: Drawing, hand: Hand) {
    this.drawing = drawing;
    this.#hand = hand;
  }

  follow(page: Page): void {
    this.#page = page;
    this.#hand = page.hand;
  }

  hand(): Hand {
    return this.#hand;
  }

  /** The next event may come before the page is drawn again. */
  change(part: Partial<Hand>): void {
    this.#hand = { ...this.#hand, ...part };
    this.#page?.change(part);
  }

  sketch(sketch: Sketch): void {
    this.#page?.map?.put("sketch", sketch);
  }

  metresPerPx(): number {
    const map = this.#page?.map;
    if (map === null || map === undefined) return 1;
    const [from, to] = [map.unproject([0, 0]), map.unproject([100, 0])];
    return this.drawing.ground.metres.between([from.lon, from.lat], [to.lon, to.lat]) / 100;
  }

  say(said: Said): void {
    this.#page?.say(said);
  }
}
