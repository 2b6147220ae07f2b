// Owns the picture of a view: the map with title, legend and source around it, and where each part stands. The measuring is pure.

export interface PictureRow {
  readonly colour: string;
  readonly words: string;
  readonly figure: string;
}

export interface PictureParts {
  readonly title: string;
  readonly legendTitle: string;
  readonly rows: readonly PictureRow[];
  readonly source: string;
}

/** Colours and face, as the theme has them. */
export interface PictureLook {
  readonly paper: string;
  readonly ink: string;
  readonly soft: string;
  readonly line: string;
  readonly face: string;
}

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly map: Box;
  readonly title: readonly { readonly words: string; readonly y: number }[];
  readonly legendTitle: readonly { readonly words: string; readonly x: number; readonly y: number }[];
  readonly rows: readonly (PictureRow & { readonly x: number; readonly y: number })[];
  readonly source: { readonly words: string; readonly y: number };
}

const PAD = 24;
const TITLE_LINE = 30;
const LINE = 22;
export const SWATCH = { width: 28, height: 14 } as const;
export const LEGEND_COLUMN = 260;

/** Lengths in the map's pixels at `scale` 1; the legend stands right of a wide map and below a tall one. */
export function layout(map: { readonly width: number; readonly height: number }, parts: PictureParts, measure: (words: string, px: number) => number): Layout {
  const beside = map.width >= map.height && map.width >= 2 * LEGEND_COLUMN;
  const width = map.width + 2 * PAD + (beside ? LEGEND_COLUMN + PAD : 0);
  const title = wrapped(parts.title, width - 2 * PAD, (words) => measure(words, 20)).map((words, index) => ({ words, y: PAD + 20 + index * TITLE_LINE }));
  const top = PAD + title.length * TITLE_LINE + 10;
  const legendX = beside ? map.width + 2 * PAD : PAD;
  const legendY = beside ? top : top + map.height + PAD;
  const legendTitle = wrapped(parts.legendTitle, beside ? LEGEND_COLUMN : width - 2 * PAD, (words) => measure(words, 14)).map((words, index) => ({ words, x: legendX, y: legendY + 14 + index * LINE }));
  const rowsY = legendY + legendTitle.length * LINE + 14;
  const rows = parts.rows.map((row, index) => ({ ...row, x: legendX, y: rowsY + index * LINE }));
  const legendEnd = rowsY + rows.length * LINE;
  const bottom = Math.max(top + map.height, legendEnd);
  return {
    width,
    height: bottom + PAD + LINE,
    map: { x: PAD, y: top, width: map.width, height: map.height },
    title,
    legendTitle,
    rows,
    source: { words: parts.source, y: bottom + PAD },
  };
}

/** Lines that fit; broken at blanks and between Chinese characters. */
export function wrapped(words: string, width: number, measure: (words: string) => number): string[] {
  const pieces = words.match(/[\u3000-\u9fff\uff00-\uffef]|[^\s\u3000-\u9fff\uff00-\uffef]+\s*|\s+/gu) ?? [];
  const lines: string[] = [];
  let line = "";
  for (const piece of pieces) {
    if (line !== "" && measure((line + piece).trimEnd()) > width) {
      lines.push(line.trimEnd());
      line = "";
    }
    line += piece;
  }
  if (line.trim() !== "") lines.push(line.trimEnd());
  return lines;
}

/** Draws it; `still` is the picture of the map, `scale` its pixels for one of the page. */
export async function compose(still: Blob, scale: number, parts: PictureParts, look: PictureLook): Promise<Blob> {
  const image = await createImageBitmap(still);
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d");
  if (context === null) throw new Error("no canvas");
  const font = (px: number, weight = 400): string => `${weight} ${px}px ${look.face}`;
  const measure = (words: string, px: number): number => {
    context.font = font(px, 600);
    return context.measureText(words).width;
  };
  const placed = layout({ width: image.width / scale, height: image.height / scale }, parts, measure);
  canvas.width = Math.round(placed.width * scale);
  canvas.height = Math.round(placed.height * scale);
  context.scale(scale, scale);
  context.fillStyle = look.paper;
  context.fillRect(0, 0, placed.width, placed.height);
  context.textBaseline = "alphabetic";
  const write = (words: string, x: number, y: number, px: number, colour: string, weight = 400): void => {
    context.font = font(px, weight);
    context.fillStyle = colour;
    context.fillText(words, x, y);
  };
  for (const line of placed.title) write(line.words, PAD, line.y, 20, look.ink, 600);
  context.drawImage(image, placed.map.x, placed.map.y, placed.map.width, placed.map.height);
  context.strokeStyle = look.line;
  context.strokeRect(placed.map.x + 0.5, placed.map.y + 0.5, placed.map.width - 1, placed.map.height - 1);
  for (const line of placed.legendTitle) write(line.words, line.x, line.y, 14, look.ink, 600);
  for (const row of placed.rows) {
    context.fillStyle = row.colour;
    context.fillRect(row.x, row.y, SWATCH.width, SWATCH.height);
    context.strokeRect(row.x + 0.5, row.y + 0.5, SWATCH.width - 1, SWATCH.height - 1);
    write(row.words, row.x + SWATCH.width + 10, row.y + 12, 13, look.ink);
    context.textAlign = "right";
    write(row.figure, row.x + LEGEND_COLUMN, row.y + 12, 13, look.soft);
    context.textAlign = "left";
  }
  write(placed.source.words, PAD, placed.source.y, 12, look.soft);
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => {
      if (blob === null) reject(new Error("no picture"));
      else resolve(blob);
    }, "image/png");
  });
}
