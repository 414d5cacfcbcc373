// The synthetic market at full size: generation, memory, one date and one code of its largest endpoints.

import { createMarket, type Market, type MarketConfig } from "../src/simulator/market/index.ts";
import type { BenchOptions, BenchTable } from "./run.ts";

const full: MarketConfig = {
  seed: 7,
  stocks: 4000,
  from: "2016-01-04",
  to: "2026-10-30",
  signal: "planted",
};

const small: MarketConfig = { ...full, stocks: 100, from: "2025-01-06", to: "2025-12-30" };

const measured = [
  "/equities/bars/daily",
  "/equities/master",
  "/equities/valuation",
  "/markets/breakdown",
  "/markets/margin-interest",
  "/indices/bars/daily",
  "/fins/summary",
  "/derivatives/bars/daily/options/225",
];

export async function run({ quick }: BenchOptions): Promise<readonly BenchTable[]> {
  const year = await seconds(() => createMarket(small));
  const config = quick ? { ...full, stocks: 300, from: "2024-01-04" } : full;
  const large = await seconds(() => createMarket(config));
  const memory = process.memoryUsage().rss / 2 ** 30;
  const market = large.value;
  const generation: BenchTable = {
    title: "Market generation (one thread)",
    columns: ["market", "seconds", "RSS GiB after"],
    rows: [
      ["100 issues × 1 year", year.seconds.toFixed(2), ""],
      [
        `${config.stocks} issues × ${market.sessions.count} sessions`,
        large.seconds.toFixed(1),
        memory.toFixed(2),
      ],
    ],
    notes: [
      `target: 100 × 1 year under 3 s: ${year.seconds < 3 ? "met" : "missed"}`,
      `target: 4,000 × 10 years under 180 s and 4 GiB: ${large.seconds < 180 && memory < 4 ? "met" : "missed"}`,
    ],
  };
  return [generation, await rowTable(market)];
}

async function rowTable(market: Market): Promise<BenchTable> {
  const day = market.sessions.days[market.sessions.count - 30];
  const friday =
    market.sessions.days.findLast((candidate) => candidate < day && (candidate + 3) % 7 === 4) ??
    day;
  const { code } = market.issues[0];
  const rows: (string | number)[][] = [];
  for (const path of measured) {
    const date = path === "/markets/margin-interest" ? friday : day;
    const byDate = (): number => market.rows(path, { fromDay: date, toDay: date }).length;
    const count = byDate();
    const byCode = (): number =>
      market.rows(path, { fromDay: market.sessions.firstDay, toDay: day, code }).length;
    const isIssue = !path.startsWith("/indices") && !path.startsWith("/derivatives");
    rows.push([path, count, await fastest(byDate), isIssue ? await fastest(byCode) : ""]);
  }
  const [bars] = rows;
  return {
    title: "Rows of one date and of one code's whole history, milliseconds, best of 7",
    columns: ["endpoint", "rows of the date", "by date", "by code"],
    rows,
    notes: [`target: daily bars of a date under 20 ms: ${Number(bars[2]) < 20 ? "met" : "missed"}`],
  };
}

async function seconds<T>(
  work: () => Promise<T>,
): Promise<{ readonly value: T; readonly seconds: number }> {
  const start = performance.now();
  const value = await work();
  return { value, seconds: (performance.now() - start) / 1000 };
}

async function fastest(work: () => unknown): Promise<string> {
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 7; i += 1) {
    const start = performance.now();
    await work();
    best = Math.min(best, performance.now() - start);
  }
  return best.toFixed(1);
}
