// Which lake partitions a dataset was made from, by content.

import type { Lake } from "../lake/index.ts";

/** SHA-256 of each partition: table → month → hash. */
export function sourcePartitions(lake: Lake): Record<string, Record<string, string>> {
  return Object.fromEntries(
    lake.tables().map((table) => {
      const partitions = Object.entries(lake.manifest(table).partitions);
      const sorted = partitions.toSorted(([a], [b]) => (a < b ? -1 : 1));
      return [table, Object.fromEntries(sorted.map(([month, { sha256 }]) => [month, sha256]))];
    }),
  );
}

/** True when any day of any table came from the simulator. */
export function isSynthetic(lake: Lake): boolean {
  return lake
    .tables()
    .some((table) =>
      Object.values(lake.manifest(table).days).some(({ source }) => source.startsWith("simul")),
    );
}
