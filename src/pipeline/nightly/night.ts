// One night: the session whose prices are final, and the record that says it is done.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { type Calendar, isoDate, jstDay, jstInstantMs } from "../../calendar/index.ts";
import { ArtifactError, ConfigError } from "../../errors.ts";
import { type Plan, planWindow } from "../../jquants/index.ts";
import { publishFile } from "../../publish.ts";

/** Daily bars are served at 16:30 in Japan; an hour later they count as final. */
const finalAt = "17:30";

export interface Night {
  /** Epoch day of the latest session whose prices are final. */
  readonly session: number;
  /** Why that is not today; undefined when it is. */
  readonly notToday: string | undefined;
}

/** The latest session that can be forecast from at `nowMs` with a plan. Throws ConfigError outside the calendar. */
export function nightOf(calendar: Calendar, nowMs: number, plan: Plan): Night {
  const today = jstDay(nowMs);
  const last = planWindow(plan, today).toDay ?? today;
  if (!calendar.covers(last)) {
    throw new ConfigError(
      `nightly: the calendar ends on ${isoDate(calendar.lastDay)}, before ${isoDate(last)}; run \`gogooku3 ingest --endpoints /markets/calendar\``,
    );
  }
  if (last < today) {
    return {
      session: calendar.onOrBefore(last),
      notToday: `the ${plan} plan serves days up to ${isoDate(last)}`,
    };
  }
  if (!calendar.isSession(today)) {
    return {
      session: calendar.onOrBefore(today),
      notToday: `${isoDate(today)} is not a trading day`,
    };
  }
  if (nowMs >= jstInstantMs(today, finalAt)) return { session: today, notToday: undefined };
  return {
    session: calendar.previous(today),
    notToday: `prices of ${isoDate(today)} are final at ${finalAt} in Japan`,
  };
}

export interface NightStep {
  readonly step: string;
  readonly detail: string;
  readonly seconds: number;
}

export interface NightRecord {
  readonly version: 1;
  /** `YYYY-MM-DD`. */
  readonly session: string;
  readonly model: string;
  readonly dataset: string;
  readonly steps: readonly NightStep[];
  /** Path under the home folder and SHA-256 of each file that was published. */
  readonly files: Readonly<Record<string, string>>;
  /** Instant, ISO 8601. */
  readonly finishedAt: string;
}

const recordSchema: z.ZodType<NightRecord> = z.strictObject({
  version: z.literal(1),
  session: z.iso.date(),
  model: z.string(),
  dataset: z.string(),
  steps: z.array(z.strictObject({ step: z.string(), detail: z.string(), seconds: z.number() })),
  files: z.record(z.string(), z.string()),
  finishedAt: z.string(),
});

/** The record of a night that is done; undefined while it is not. */
export function readNight(home: string, session: string): NightRecord | undefined {
  const file = nightFile(home, session);
  if (!existsSync(file)) return undefined;
  const parsed = recordSchema.safeParse(JSON.parse(readFileSync(file, "utf8")));
  if (parsed.success) return parsed.data;
  throw new ArtifactError(`${file}: ${z.prettifyError(parsed.error)}`);
}

export async function writeNight(home: string, record: NightRecord): Promise<void> {
  await publishFile(nightFile(home, record.session), `${JSON.stringify(record, null, 1)}\n`);
}

/** Sessions of all nights that are done, oldest first. */
export function listNights(home: string): string[] {
  const folder = join(home, "nightly");
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .flatMap((name) => /^(\d{4}-\d{2}-\d{2})\.json$/u.exec(name)?.[1] ?? [])
    .toSorted();
}

function nightFile(home: string, session: string): string {
  return join(home, "nightly", `${session}.json`);
}
