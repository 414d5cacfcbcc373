// The simulator's server at 4,000 issues: how long a page of daily bars takes, from request to the last byte.

import { ManualClock } from "../src/clock.ts";
import type { Plan } from "../src/jquants/index.ts";
import { createMarket } from "../src/simulator/market/index.ts";
import { createSimulator, parseInstant } from "../src/simulator/server/index.ts";
import type { BenchOptions, BenchTable } from "./run.ts";

/** Design target for a page of daily bars of one date, milliseconds. */
const targetMs = 50;

const days = ["02", "03", "06", "07", "08", "09", "10", "14", "15", "16", "17", "20", "21", "22"];

export async function run({ quick }: BenchOptions): Promise<BenchTable> {
  const stocks = quick ? 200 : 4000;
  const market = await createMarket({
    seed: 7,
    stocks,
    from: "2024-10-01",
    to: "2026-01-30",
    signal: "none",
  });
  const rows: (string | number)[][] = [];
  let worst = 0;
  for (const plan of ["standard", "premium"] satisfies Plan[]) {
    const clock = new ManualClock(parseInstant("2026-01-30T20:00"));
    const app = createSimulator({ market, plan, clock, rateLimits: false });
    const origin = await app.listen({ port: 0, host: "127.0.0.1" });
    for (const encoding of ["identity", "gzip"]) {
      const { times, bytes } = await pages(`${origin}/v2/equities/bars/daily`, encoding);
      const median = times[times.length >> 1];
      if (plan === "standard") worst = Math.max(worst, median);
      rows.push([plan, encoding, bytes, median.toFixed(1), times[0].toFixed(1)]);
    }
    await app.close();
  }
  return {
    title: `A page of daily bars of one date, ${stocks} issues`,
    columns: ["plan", "encoding", "bytes of JSON", "median ms", "best ms"],
    rows,
    notes: [`target on Standard: under ${targetMs} ms; met: ${worst < targetMs ? "yes" : "no"}`],
  };
}

/** Each date once, so that nothing is served from memory; sorted times, the first page left out. */
async function pages(url: string, encoding: string): Promise<{ times: number[]; bytes: number }> {
  const times: number[] = [];
  let bytes = 0;
  for (const day of days) {
    const start = performance.now();
    const response = await fetch(`${url}?date=202510${day}`, {
      headers: { "x-api-key": "bench", "accept-encoding": encoding },
    });
    bytes = (await response.text()).length;
    times.push(performance.now() - start);
  }
  return { times: times.slice(1).sort((left, right) => left - right), bytes };
}
