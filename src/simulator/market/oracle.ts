// What an all-knowing forecaster expects of every return. It judges models; nothing that is served contains it.

import { ConfigError } from "../../errors.ts";
import type { Scales } from "./anchors.ts";
import type { CapitalHistory } from "./capital-history.ts";
import type { DividendDrops } from "./dividend-drops.ts";
import { driftPerDay } from "./generate.ts";
import type { Issue } from "./issues.ts";
import type { PriceTable } from "./price-table.ts";
import type { Sessions } from "./sessions.ts";

/** Horizons in sessions. */
export const oracleHorizons = [1, 5, 10, 20] as const;

export type OracleHorizon = (typeof oracleHorizons)[number];

/** Expected returns beyond the drift, session-major then issue; one array a horizon. */
export type ExpectedReturns = ReadonlyMap<number, Float32Array>;

export interface Oracle {
  /**
   * Expected return on adjusted closes from the close of `session` over `horizon` sessions, given all that is public at that
   * close; NaN where the issue is not listed. Without planted signals it is the drift, the same for everybody.
   */
  expectation(session: number, issue: number, horizon: number): number;
}

export interface OracleInput {
  readonly issues: readonly Issue[];
  readonly sessions: Sessions;
  readonly expected: ExpectedReturns | undefined;
  /** Falls on ex-dates that lie ahead and are known; undefined in markets without them. */
  readonly drops: DividendDrops | undefined;
  readonly prices: PriceTable;
  readonly capital: CapitalHistory;
  readonly scales: Scales;
}

export function createOracle(input: OracleInput): Oracle {
  const { expected, issues, sessions } = input;
  return {
    expectation(session, issue, horizon) {
      const { delisted, listed } = issues[issue];
      if (session < listed || session >= delisted || session >= sessions.count) return Number.NaN;
      const drift = driftPerDay * horizon - fallAhead(input, session, issue, horizon);
      if (expected === undefined) return drift;
      const column = expected.get(horizon);
      if (column === undefined) {
        throw new ConfigError(
          `oracle: expected a horizon of ${oracleHorizons.join(", ")}, found ${horizon}`,
        );
      }
      return drift + column[session * issues.length + issue];
    },
  };
}

/** Dividends that go ex within the horizon, over the session's close. */
function fallAhead(
  { capital, drops, issues, prices, scales }: OracleInput,
  session: number,
  issue: number,
  horizon: number,
): number {
  let total = 0;
  for (const drop of drops?.of(issue) ?? []) {
    if (drop.session > session && drop.session <= session + horizon) {
      total += drop.total * scales.of(issues[issue].company, drop.year);
    }
  }
  if (total === 0) return 0;
  const close = prices.close[session * issues.length + issue] / 10;
  return total / (capital.shares(issue, session) * close);
}
