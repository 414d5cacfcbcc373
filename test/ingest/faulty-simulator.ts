// A simulator over a small market on a loopback port, whose faults and clock a test sets; and ingest runs against it whose waits pass at once.

import type { FastifyInstance } from "fastify";
import { epochDay, jstInstantMs } from "../../src/calendar/index.ts";
import { ManualClock } from "../../src/clock.ts";
import { hashValue } from "../../src/hash.ts";
import { JquantsClient } from "../../src/ingest/client.ts";
import { ingest, type IngestReport, type IngestRequest } from "../../src/ingest/ingest.ts";
import { limitOf } from "../../src/ingest/limits.ts";
import { openLake } from "../../src/lake/index.ts";
import { createMarket } from "../../src/simulator/market/index.ts";
import { createSimulator, type Fault } from "../../src/simulator/server/index.ts";

export interface RunOptions {
  readonly timeoutMs?: number;
}

export class FaultySimulator {
  readonly clock: ManualClock;
  readonly #app: FastifyInstance;
  readonly #url: string;

  private constructor(app: FastifyInstance, clock: ManualClock, url: string) {
    this.#app = app;
    this.clock = clock;
    this.#url = url;
  }

  /** Twelve stocks from 2024-04-15 to 2024-07-31; the virtual present is `instantMs`. */
  static async start(instantMs: number): Promise<FaultySimulator> {
    const market = await createMarket({
      seed: 3,
      stocks: 12,
      from: "2024-04-15",
      to: "2024-07-31",
      signal: "none",
    });
    const clock = new ManualClock(instantMs);
    const app = createSimulator({ market, plan: "standard", clock, rateLimits: false });
    return new FaultySimulator(app, clock, await app.listen({ port: 0, host: "127.0.0.1" }));
  }

  async close(): Promise<void> {
    await this.#app.close();
  }

  async arm(...faults: readonly Fault[]): Promise<void> {
    const url = "/__sim/faults";
    const { statusCode } = await this.#app.inject({ method: "POST", url, payload: [...faults] });
    if (statusCode !== 200) throw new Error(`faults were refused with ${statusCode}`);
  }

  async calm(): Promise<void> {
    await this.#app.inject({ method: "DELETE", url: "/__sim/faults" });
  }

  async run(
    folder: string,
    request: Partial<IngestRequest>,
    { timeoutMs = 1000 }: RunOptions = {},
  ): Promise<IngestReport> {
    const nowMs = this.clock.nowMs();
    const client = new JquantsClient({
      apiKey: "key",
      baseUrl: `${this.#url}/v2`,
      plan: "standard",
      bucketOf: limitOf("standard", true),
      clock: new ManualClock(nowMs),
      timeoutMs,
      downloadTimeoutMs: timeoutMs,
    });
    const lake = await openLake(folder);
    const clock = new ManualClock(nowMs);
    return ingest({ plan: "standard", from: "2024-04-15", ...request }, { lake, client, clock });
  }
}

/** `2024-06-28 20:00` in Japan as epoch milliseconds. */
export function japan(day: string, time: string): number {
  return jstInstantMs(epochDay(day), time);
}

/** What the lake holds of an endpoint, by content. */
export async function contentOf(folder: string, path: string): Promise<string> {
  const lake = await openLake(folder);
  const { partitions } = lake.manifest(lake.schema(path).table);
  return hashValue(Object.entries(partitions).map(([month, { sha256 }]) => [month, sha256]));
}
