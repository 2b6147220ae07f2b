// Owns reading the theme's colours and face from the page, for pictures that are drawn beside it.
import type { PictureLook } from "./picture";

export function lookOfPage(): PictureLook {
  const probe = document.createElement("span");
  document.body.append(probe);
  const colour = (token: string): string => {
    probe.style.color = `var(${token})`;
    return getComputedStyle(probe).color;
  };
  const look = { paper: colour("--paper"), ink: colour("--ink"), soft: colour("--ink-soft"), line: colour("--line"), face: getComputedStyle(document.body).fontFamily };
  probe.remove();
  return look;
}
