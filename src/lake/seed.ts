// Rows as the API would deliver them go straight into the lake: for tests, demonstrations and importers.

import { systemClock, type Clock } from "../clock.ts";
import type { Lake } from "./lake.ts";
import type { RawRow } from "./table-schema.ts";

export interface WriteRowsOptions {
  /** Provenance kept beside each row; default "api". */
  readonly source?: string;
  readonly plan?: string;
  readonly clock?: Clock;
}

/**
 * Writes the rows of one endpoint, in any order and over any months, with `available_at` by the endpoint's publication rule.
 * Days that have rows become complete. Returns the number of rows given.
 */
export async function writeRows(
  lake: Lake,
  endpointPath: string,
  rows: readonly RawRow[],
  { source = "api", plan, clock = systemClock }: WriteRowsOptions = {},
): Promise<number> {
  const schema = lake.schema(endpointPath);
  const fetchedAt = Temporal.Instant.fromEpochMilliseconds(clock.nowMs()).toString();
  const writer = await lake.writer(`write ${schema.table}`);
  try {
    const stage = writer.stage(schema);
    await stage.add(rows, source);
    const days = [...(await stage.countByDay()).keys()].map((day) => ({ day, final: true }));
    await writer.commit(stage, { days, source, fetchedAt, plan });
    await stage.drop();
  } finally {
    await writer.close();
  }
  return rows.length;
}
