// Correlation graph of 4,000 stocks over 60 sessions, a tenth of the stocks with gaps; target under 2 s.

import { correlationGraph } from "../src/graph/index.ts";
import { createRng } from "../src/rng.ts";
import type { BenchOptions, BenchTable } from "./run.ts";

const window = 60;
const targetMs = 2000;

export async function run({ quick }: BenchOptions): Promise<BenchTable> {
  const sizes = quick ? [200, 400] : [1000, 2000, 4000];
  const rows = sizes.map((stocks) => {
    const returns = market(stocks);
    const groups = new Int32Array(stocks);
    let best = Number.POSITIVE_INFINITY;
    let edges = 0;
    for (let round = 0; round < 5; round += 1) {
      const start = performance.now();
      const graph = correlationGraph({ returns, stocks, sector: groups, section: groups });
      best = Math.min(best, performance.now() - start);
      edges = graph.neighbours.length;
    }
    return [stocks, edges, Math.round(best)] as const;
  });
  const last = rows[rows.length - 1][2];
  return Promise.resolve({
    title: "Correlation graph as of one session (one thread, best of 5)",
    columns: ["stocks", "edges", "ms"],
    rows,
    notes: [`target ${targetMs} ms at 4,000 stocks: ${last < targetMs ? "met" : "missed"}`],
  });
}

function market(stocks: number): Float64Array {
  const rng = createRng(1);
  const factors = Float64Array.from({ length: window * 10 }, () => rng.normal());
  const returns = new Float64Array(stocks * window);
  for (let stock = 0; stock < stocks; stock += 1) {
    const sector = (stock % 9) + 1;
    for (let t = 0; t < window; t += 1) {
      const common = factors[t] + factors[sector * window + t];
      returns[stock * window + t] = 0.7 * common + rng.normal();
    }
    const gaps = stock % 10 === 0 ? 5 : 0;
    for (let i = 0; i < gaps; i += 1) returns[stock * window + rng.integer(window)] = Number.NaN;
  }
  return returns;
}
