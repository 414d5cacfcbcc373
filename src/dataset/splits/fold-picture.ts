// A picture of the folds: one bar a fold over the sessions, as SVG that follows the reader's light or dark theme.

import type { SessionFold, SessionRange } from "./fold.ts";

export interface FoldPictureOptions {
  /** Width in CSS pixels; the picture scales with its container. Default 720. */
  readonly width?: number;
}

const label = { width: 64, height: 26, axis: 34, legend: 26 } as const;
const kinds = ["train", "purged", "test", "embargoed"] as const;

/** The folds drawn over their sessions; `dates` are epoch days, one a session. */
export function foldPicture(
  folds: readonly SessionFold[],
  dates: Int32Array,
  { width = 720 }: FoldPictureOptions = {},
): string {
  const scale = (width - label.width - 8) / Math.max(1, dates.length);
  const height = folds.length * label.height + label.axis + label.legend;
  const bars = folds.map((fold, index) => foldBars(fold, index * label.height + 4, scale));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="folds" viewBox="0 0 ${width} ${height}" role="img" aria-label="Folds: training, purge, test and embargo by session">`,
    `<style>${style}</style>`,
    ...bars,
    axis(dates, folds.length * label.height + 4, scale),
    legend(height - 10),
    "</svg>",
  ].join("\n");
}

function foldBars(fold: SessionFold, top: number, scale: number): string {
  const bar = (kind: (typeof kinds)[number], { start, end }: SessionRange): string => {
    const x = label.width + start * scale;
    const size = `width="${((end - start) * scale).toFixed(2)}" height="${label.height - 8}"`;
    return `<rect class="${kind}" x="${x.toFixed(2)}" y="${top}" ${size}><title>fold ${fold.fold}: ${kind}, ${end - start} sessions</title></rect>`;
  };
  const bars = kinds.flatMap((kind) => fold[kind].map((range) => bar(kind, range)));
  return `<text x="0" y="${top + 13}">fold ${fold.fold}</text>${bars.join("")}`;
}

function axis(dates: Int32Array, top: number, scale: number): string {
  if (dates.length === 0) return "";
  const places = [0, 0.25, 0.5, 0.75, 1].map((share) => Math.round(share * (dates.length - 1)));
  const ticks = [...new Set(places)].map((session) => {
    const x = label.width + session * scale;
    const anchor = session === 0 ? "start" : session === dates.length - 1 ? "end" : "middle";
    const day = Temporal.PlainDate.from("1970-01-01").add({ days: dates[session] });
    return `<line x1="${x.toFixed(2)}" x2="${x.toFixed(2)}" y1="${top}" y2="${top + 5}"/><text x="${x.toFixed(2)}" y="${top + 18}" text-anchor="${anchor}">${day.toString()}</text>`;
  });
  return ticks.join("");
}

function legend(baseline: number): string {
  return kinds
    .map((kind, index) => {
      const x = label.width + index * 110;
      return `<rect class="${kind}" x="${x}" y="${baseline - 10}" width="12" height="12"/><text x="${x + 18}" y="${baseline}">${kind}</text>`;
    })
    .join("");
}

// Okabe and Ito's colours, told apart by colour-blind readers.
const style =
  ".folds text{font:12px system-ui,sans-serif;fill:currentColor}.folds line{stroke:currentColor}" +
  ".folds .train{fill:#56b4e9}.folds .purged{fill:#999}.folds .test{fill:#d55e00}.folds .embargoed{fill:#ccb974}";
