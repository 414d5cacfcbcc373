// One ingest run: the calendar first, then a plan over what is missing, then its execution.

import { epochDay, isoDate, jstDay } from "../calendar/index.ts";
import type { Calendar } from "../calendar/index.ts";
import { systemClock, type Clock } from "../clock.ts";
import { ConfigError, PipelineError, SourceError } from "../errors.ts";
import {
  endpointOf,
  endpoints,
  planWindow,
  type Addon,
  type Endpoint,
  type Plan,
} from "../jquants/index.ts";
import type { Lake, LakeWriter } from "../lake/index.ts";
import type { OnProgress } from "../progress.ts";
import { bulkFileOf, type BulkFile } from "./bulk-files.ts";
import type { ClientStatistics, JquantsClient } from "./client.ts";
import { executePlan, type Execution } from "./execute.ts";
import { planIngest } from "./plan.ts";
import type { IngestPlan, PlanRequest } from "./plan-types.ts";
import { dueForSweep, staleDays, sweepable } from "./sweep.ts";

export interface IngestRequest {
  /** `YYYY-MM-DD`; default the first day of the plan's window. */
  readonly from?: string | undefined;
  /** `YYYY-MM-DD`; default today in Japan. */
  readonly to?: string | undefined;
  readonly plan: Plan;
  /** Endpoint paths; default all that the plan includes. */
  readonly endpoints?: readonly string[] | undefined;
  /** Paid add-ons beside the plan: their endpoints join the default ones. */
  readonly addons?: readonly Addon[] | undefined;
  readonly bulk?: boolean | undefined;
  /** Compares every bulk file with what was taken in, and fetches the corrected ones. */
  readonly sweep?: boolean | undefined;
}

export interface IngestOptions {
  readonly lake: Lake;
  readonly client: JquantsClient;
  readonly clock?: Clock;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: OnProgress;
}

export interface IngestReport {
  readonly from: string;
  readonly to: string;
  readonly plan: IngestPlan;
  readonly execution: Execution;
  readonly statistics: ClientStatistics;
}

const calendarPath = "/markets/calendar";

/** The plan of a request against the lake as it is, without asking the service anything. */
export async function planOnly(
  request: IngestRequest,
  lake: Lake,
  clock: Clock = systemClock,
): Promise<IngestPlan> {
  const calendar = await lake.calendar();
  return planIngest(planRequest(request, lake, calendar, clock.nowMs()));
}

/**
 * Brings everything that is asked for and missing. Throws SourceError when requests failed for good, after all others are
 * committed: the same call goes on where this one stopped.
 */
export async function ingest(
  request: IngestRequest,
  options: IngestOptions,
): Promise<IngestReport> {
  const { lake, client, clock = systemClock } = options;
  checkSpan(request, clock.nowMs());
  const writer = await lake.writer("ingest");
  try {
    const { plan, execution, from, to } = await runUnderLock(request, options, writer, clock);
    reportFailures(execution);
    return { from, to, plan, execution, statistics: client.statistics() };
  } catch (error) {
    if (options.signal?.aborted !== true) throw error;
    throw new PipelineError("ingest: stopped; what has arrived is stored, run it again to go on", {
      cause: error,
    });
  } finally {
    await writer.close();
  }
}

async function runUnderLock(
  request: IngestRequest,
  options: IngestOptions,
  writer: LakeWriter,
  clock: Clock,
): Promise<{ plan: IngestPlan; execution: Execution; from: string; to: string }> {
  const { lake, client, signal } = options;
  const nowMs = clock.nowMs();
  const byRule = await lake.calendar();
  const calendarRequest = planRequest(
    { plan: request.plan, to: "9999-12-31", endpoints: [calendarPath] },
    lake,
    byRule,
    nowMs,
  );
  const execute = (plan: IngestPlan, calendar: Calendar, stage: string): Promise<Execution> =>
    executePlan(plan, { ...options, clock, writer, calendar, plan: request.plan, signal, stage });
  const { failures, tasks } = await execute(planIngest(calendarRequest), byRule, "calendar");
  const calendar = tasks === 0 ? byRule : await lake.calendar();
  const wanted = planRequest(request, lake, calendar, nowMs);
  const draft = planIngest(wanted);
  const swept = sweptNow(request, lake, wanted);
  const listed = [...new Set([...draft.toList, ...swept])];
  const files = await listFiles(client, listed);
  const plan = planIngest({ ...wanted, files, stale: staleDays(lake, swept, files) });
  const sweptAt = Temporal.Instant.fromEpochMilliseconds(nowMs).toString();
  for (const { table } of draft.toList) {
    if (writer.manifest(table).sweptAt === undefined) await writer.markSwept(table, sweptAt);
  }
  const second = await execute(plan, calendar, "ingest");
  const execution = { ...second, failures: [...failures, ...second.failures] };
  if (execution.failures.length === 0) {
    for (const { table } of swept) await writer.markSwept(table, sweptAt);
  }
  return { plan, execution, from: isoDate(wanted.from), to: isoDate(wanted.to) };
}

/** All with --sweep; without a span of days, those whose files were not compared for a month. */
function sweptNow(request: IngestRequest, lake: Lake, wanted: PlanRequest): Endpoint[] {
  if (request.sweep === true) return sweepable(wanted);
  const isWhole = request.from === undefined && request.to === undefined;
  return isWhole ? dueForSweep(lake, wanted) : [];
}

function planRequest(
  request: IngestRequest,
  lake: Lake,
  calendar: Calendar,
  nowMs: number,
): PlanRequest {
  const today = jstDay(nowMs);
  const window = planWindow(request.plan, today);
  const manifests = new Map<string, ReturnType<Lake["manifest"]>["days"]>();
  return {
    endpoints: selectEndpoints(request),
    addons: request.addons ?? [],
    from: request.from === undefined ? window.fromDay : epochDay(request.from),
    to: request.to === undefined ? (window.toDay ?? today) : epochDay(request.to),
    plan: request.plan,
    nowMs,
    calendar,
    coverage: (table) => {
      const held = manifests.get(table) ?? lake.manifest(table).days;
      manifests.set(table, held);
      return held;
    },
    bulk: request.bulk ?? true,
  };
}

/** Endpoints by path; without a list, all that keep dated rows, those of add-ons that were not bought apart. */
function selectEndpoints({ endpoints: paths, addons = [] }: IngestRequest): Endpoint[] {
  if (paths !== undefined) {
    return paths.map((path) => endpointOf(path.startsWith("/") ? path : `/${path}`));
  }
  return [...endpoints.values()].filter(
    ({ dateField, publication, addon }) =>
      dateField !== null && publication !== null && (addon === null || addons.includes(addon)),
  );
}

function checkSpan({ from, to, plan }: IngestRequest, nowMs: number): void {
  const today = jstDay(nowMs);
  const window = planWindow(plan, today);
  const last = window.toDay ?? today;
  if (from !== undefined && to !== undefined && from > to) {
    throw new ConfigError(`ingest: --from ${from} lies after --to ${to}`);
  }
  if (to !== undefined && epochDay(to) < window.fromDay) {
    throw new ConfigError(
      `ingest: --to ${to} lies before the ${plan} plan's window, which begins on ${isoDate(window.fromDay)}; ask for later days or use a higher plan`,
    );
  }
  if (from !== undefined && epochDay(from) > last) {
    throw new ConfigError(
      `ingest: --from ${from} lies after ${isoDate(last)}, the last day that the ${plan} plan serves today`,
    );
  }
}

async function listFiles(
  client: JquantsClient,
  wanted: readonly Endpoint[],
): Promise<Map<string, readonly BulkFile[]>> {
  const files = new Map<string, readonly BulkFile[]>();
  for (const { path } of wanted) {
    const rows = await client.rows("/bulk/list", { endpoint: path });
    files.set(
      path,
      rows
        .map(({ Key, Size, LastModified }) =>
          bulkFileOf(
            String(Key),
            typeof Size === "number" ? Size : undefined,
            typeof LastModified === "string" ? LastModified : undefined,
          ),
        )
        .filter((file) => file !== undefined),
    );
  }
  return files;
}

function reportFailures({ failures, tasks }: Execution): void {
  const [first] = failures;
  if (first === undefined) return;
  throw new SourceError(
    `ingest: ${failures.length} of ${failures.length + tasks} requests failed, the others are stored; run it again to go on. First failure: ${first.message}`,
    {
      endpoint: first.endpoint,
      ...(first.status === undefined ? {} : { status: first.status }),
      retryable: true,
    },
    { cause: first },
  );
}
