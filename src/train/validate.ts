// Validation: the mean daily RankIC of the median forecast, for each horizon.

import { spearman } from "../stats/index.ts";
import type { SessionSpan } from "./blocks.ts";
import type { Samples } from "./samples.ts";

/** Mean over the sessions of the spans of Spearman(median, label); NaN where no session has five stocks. */
export function validationRankIc(
  { spec, rowOf, codeNames }: Samples,
  quantiles: Float32Array,
  labels: readonly Float32Array[],
  spans: readonly SessionSpan[],
): number[] {
  const { horizons, quantiles: levels } = spec.config;
  const median = levels.indexOf(0.5);
  const codes = codeNames.length;
  return horizons.map((_, k) => {
    const daily: number[] = [];
    for (const { start, end } of spans) {
      for (let session = start; session < end; session += 1) {
        const scores: number[] = [];
        const known: number[] = [];
        for (let code = 0; code < codes; code += 1) {
          const row = rowOf[session * codes + code];
          if (row < 0) continue;
          const score = quantiles[(row * horizons.length + k) * levels.length + median];
          if (!Number.isFinite(score) || !Number.isFinite(labels[k][row])) continue;
          scores.push(score);
          known.push(labels[k][row]);
        }
        if (scores.length < 5) continue;
        const value = spearman(Float64Array.from(scores), Float64Array.from(known));
        if (Number.isFinite(value)) daily.push(value);
      }
    }
    return daily.reduce((sum, value) => sum + value, 0) / daily.length;
  });
}
