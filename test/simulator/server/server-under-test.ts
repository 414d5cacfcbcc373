// A small market, and a server over it whose clocks the tests move.

import type { FastifyInstance } from "fastify";
import { afterAll } from "vitest";
import { epochDay } from "../../../src/calendar/index.ts";
import { ManualClock } from "../../../src/clock.ts";
import { createMarket, type Market } from "../../../src/simulator/market/index.ts";
import {
  createSimulator,
  parseInstant,
  type SimulatorOptions,
} from "../../../src/simulator/server/index.ts";

/** Fifty issues over two years; made once a test file. */
export const market: Market = await createMarket({
  seed: 7,
  stocks: 50,
  from: "2024-09-02",
  to: "2026-10-30",
  signal: "none",
});

/** The session of 2026 with the most statements both before and after 14:00, all before 18:00. */
export const busyDay: string = findBusyDay();

export type Row = Readonly<Record<string, unknown>>;

export interface Response {
  readonly status: number;
  readonly body: Body;
  readonly text: string;
}

export interface Body {
  readonly data?: readonly Row[];
  readonly message?: string;
  readonly pagination_key?: string;
  readonly cursor?: string;
  readonly url?: string;
  readonly [name: string]: unknown;
}

export interface ServerUnderTest {
  readonly app: FastifyInstance;
  readonly clock: ManualClock;
  readonly wallClock: ManualClock;
  /** GET under /v2 with a key. */
  readonly get: (path: string, headers?: Record<string, string>) => Promise<Response>;
  /** The rows of a 200. */
  readonly rows: (path: string) => Promise<readonly Row[]>;
  readonly control: (path: string, body: object) => Promise<number>;
}

/** A server at `now` in Japan; rates are not limited unless a test asks for it. */
export function serve(
  now: string,
  options: Partial<Omit<SimulatorOptions, "clock" | "wallClock">> = {},
): ServerUnderTest {
  const clock = new ManualClock(parseInstant(now));
  const wallClock = new ManualClock(1_000_000);
  const app = createSimulator({
    market,
    plan: "premium",
    rateLimits: false,
    ...options,
    clock,
    wallClock,
  });
  afterAll(() => app.close());
  const get = async (path: string, headers: Record<string, string> = {}): Promise<Response> => {
    const response = await app.inject({
      url: path.startsWith("/__") || path.startsWith("/v1") ? path : `/v2${path}`,
      headers: { "x-api-key": "any", ...headers },
    });
    return { status: response.statusCode, body: parse(response.body), text: response.body };
  };
  return {
    app,
    clock,
    wallClock,
    get,
    rows: async (path) => (await get(path)).body.data ?? [],
    control: async (path, body) => {
      const response = await app.inject({ method: "POST", url: `/__sim/${path}`, payload: body });
      return response.statusCode;
    },
  };
}

function parse(text: string): Body {
  return text.startsWith("{") ? (JSON.parse(text) as Body) : {};
}

/** All pages of a query. */
export async function allRows(server: ServerUnderTest, path: string): Promise<Row[]> {
  const rows: Row[] = [];
  let key: string | undefined;
  do {
    const next = key === undefined ? "" : `${path.includes("?") ? "&" : "?"}pagination_key=${key}`;
    const { body } = await server.get(path + next);
    rows.push(...(body.data ?? []));
    key = body.pagination_key;
  } while (key !== undefined);
  return rows;
}

/** The text of a field. */
export function textOf(row: Row, field: string): string {
  const value = row[field];
  if (typeof value === "string") return value;
  throw new TypeError(`${field}: expected a text, found ${JSON.stringify(value)}`);
}

function findBusyDay(): string {
  const range = { fromDay: epochDay("2026-01-05"), toDay: epochDay("2026-10-29") };
  const counts = new Map<string, { early: number; late: number }>();
  for (const { row } of market.rows("/fins/summary", range)) {
    const [day, time] = [textOf(row, "DiscDate"), textOf(row, "DiscTime")];
    const count = counts.get(day) ?? { early: 0, late: 0 };
    if (time < "14:00:00") count.early += 1;
    else if (time < "17:59:00") count.late += 1;
    counts.set(day, count);
  }
  const least = ({ early, late }: { early: number; late: number }): number => Math.min(early, late);
  const [[day]] = [...counts].sort(([, left], [, right]) => least(right) - least(left));
  return day;
}
