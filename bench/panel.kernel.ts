// The kernel that bench/panel.bench.ts maps over codes: a 20-day mean, summed afresh, enough work a cell to see scaling.

import type { Block } from "../src/workers/index.ts";

interface Columns {
  readonly input: Float64Array;
  readonly output: Float64Array;
  readonly dateCount: number;
}

export function meanOf20(block: Block, { input, output, dateCount }: Columns): void {
  for (let code = block.start; code < block.end; code += 1) {
    const first = code * dateCount;
    for (let date = 19; date < dateCount; date += 1) {
      let sum = 0;
      for (let back = 0; back < 20; back += 1) sum += input[first + date - back];
      output[first + date] = sum / 20;
    }
  }
}
