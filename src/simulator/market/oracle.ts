// What an all-knowing forecaster expects of every return. It judges models; nothing that is served contains it.

import { ConfigError } from "../../errors.ts";
import { driftPerDay } from "./generate.ts";
import type { Issue } from "./issues.ts";
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
}

export function createOracle({ expected, issues, sessions }: OracleInput): Oracle {
  return {
    expectation(session, issue, horizon) {
      const { delisted, listed } = issues[issue];
      if (session < listed || session >= delisted || session >= sessions.count) return Number.NaN;
      const drift = driftPerDay * horizon;
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
