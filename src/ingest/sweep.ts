// Corrected bulk files: the service overwrites a file under its key, only LastModified and size tell.

import { epochDay } from "../calendar/index.ts";
import { allows, endpointOf, type Endpoint } from "../jquants/index.ts";
import type { Lake } from "../lake/index.ts";
import type { BulkFile } from "./bulk-files.ts";
import type { PlanRequest } from "./plan-types.ts";

/** Files are compared once in so many days, when nothing else is asked for. */
const sweepEveryMs = 30 * 86_400_000;

/** Endpoints of a request whose bulk files can be compared with what was taken in. */
export function sweepable({ endpoints, plan, bulk }: PlanRequest): Endpoint[] {
  if (bulk === false || !allows(plan, endpointOf("/bulk/list"))) return [];
  return endpoints.filter(
    (endpoint) =>
      endpoint.bulk && endpoint.publication?.kind !== "year-ahead" && allows(plan, endpoint),
  );
}

/** Those of them that took in files, the last comparison being 30 days ago or more. */
export function dueForSweep(lake: Lake, request: PlanRequest): Endpoint[] {
  return sweepable(request).filter(({ table }) => {
    const { files, sweptAt } = lake.manifest(table);
    if (Object.keys(files).length === 0 || sweptAt === undefined) return false;
    return Temporal.Instant.from(sweptAt).epochMilliseconds <= request.nowMs - sweepEveryMs;
  });
}

/** Days of files that changed after they, or the days in them, were taken in. */
export function staleDays(
  lake: Lake,
  swept: readonly Endpoint[],
  files: ReadonlyMap<string, readonly BulkFile[]>,
): Map<string, ReadonlySet<number>> {
  return new Map(
    swept.map(({ path, table }) => {
      const manifest = lake.manifest(table);
      const days = Object.entries(manifest.days);
      const stale = (files.get(path) ?? []).flatMap((file) => {
        const taken = manifest.files[file.key];
        if (taken !== undefined && taken.lastModified === file.lastModified) return [];
        return days
          .filter(([day, { fetchedAt }]) => isWithin(day, file) && isOlder(fetchedAt, file))
          .map(([day]) => epochDay(day));
      });
      return [path, new Set(stale)];
    }),
  );
}

function isWithin(day: string, { from, to }: BulkFile): boolean {
  const number = epochDay(day);
  return from <= number && number <= to;
}

function isOlder(fetchedAt: string, { lastModified }: BulkFile): boolean {
  if (lastModified === undefined) return false;
  return (
    Temporal.Instant.compare(
      Temporal.Instant.from(fetchedAt),
      Temporal.Instant.from(lastModified),
    ) < 0
  );
}
