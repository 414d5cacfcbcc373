// A mean with its interval, as text.

import type { MeanSummary } from "../significance.ts";

/** "0.0312 (0.0201 to 0.0423)", or a dash for what is not defined. */
export function withInterval({ mean, interval }: MeanSummary, digits = 4, scale = 1): string {
  if (mean === null) return "–";
  const text = (mean * scale).toFixed(digits);
  if (interval === null) return `${text} (no interval)`;
  return `${text} (${interval.map((bound) => (bound * scale).toFixed(digits)).join(" to ")})`;
}
