// Carries a plan out: fetches ahead, stages, and commits month by month, so that a stop at any point loses at most the work in flight.

import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { isoDate } from "../calendar/index.ts";
import type { Calendar } from "../calendar/index.ts";
import type { Clock } from "../clock.ts";
import { SourceError } from "../errors.ts";
import type { Plan } from "../jquants/index.ts";
import type { Lake, LakeWriter, RawRow, Stage } from "../lake/index.ts";
import { csvSelect } from "../lake/stage-sql.ts";
import type { OnProgress } from "../progress.ts";
import { Concurrency } from "./concurrency.ts";
import type { JquantsClient } from "./client.ts";
import { emptyFinalMs, finalMs } from "./due-days.ts";
import type { Batch, IngestPlan, Task } from "./plan-types.ts";
import { Turn } from "./turn.ts";

export interface ExecuteOptions {
  readonly client: JquantsClient;
  readonly lake: Lake;
  readonly writer: LakeWriter;
  readonly calendar: Calendar;
  readonly plan: Plan;
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: OnProgress;
  /** What progress calls the work; default `ingest`. */
  readonly stage?: string;
}

export interface Execution {
  /** Rows staged, duplicates and rows that were there already included. */
  readonly rows: number;
  readonly tasks: number;
  /** Tasks that failed for good; the days they would have brought stay missing. */
  readonly failures: readonly SourceError[];
}

/** Batches worked on at once; the client bounds the requests in flight. */
const batchesInFlight = 8;
/** Of these, batches of queries: their answers wait in memory for their turn. */
const queryBatchesInFlight = 2;

/**
 * Runs all batches. A request that fails after its retries leaves its days missing and the others go on; an answer that
 * would meet every request (a wrong key, a wrong plan) ends the run. What was fetched is committed in either case.
 */
export async function executePlan(plan: IngestPlan, options: ExecuteOptions): Promise<Execution> {
  const run = new Run(plan, options);
  return run.start();
}

class Run {
  readonly #plan: IngestPlan;
  readonly #options: ExecuteOptions;
  readonly #turn = new Turn();
  readonly #queries = new Concurrency(queryBatchesInFlight, queryBatchesInFlight);
  readonly #failures: SourceError[] = [];
  readonly #total: number;
  #folder = "";
  #tasks = 0;
  #rows = 0;
  #fatal: unknown;

  constructor(plan: IngestPlan, options: ExecuteOptions) {
    this.#plan = plan;
    this.#options = options;
    this.#total = plan.batches.reduce((sum, batch) => sum + batch.tasks.length, 0);
  }

  async start(): Promise<Execution> {
    const { lake } = this.#options;
    await mkdir(lake.folder, { recursive: true });
    this.#folder = await mkdtemp(join(lake.folder, ".tmp-download-"));
    try {
      const queue = [...this.#plan.batches];
      const lanes = Array.from({ length: Math.min(batchesInFlight, queue.length) }, () =>
        this.#lane(queue),
      );
      await Promise.all(lanes);
    } finally {
      await rm(this.#folder, { recursive: true, force: true });
    }
    if (this.#fatal !== undefined) throw this.#fatal;
    return { rows: this.#rows, tasks: this.#tasks, failures: this.#failures };
  }

  async #lane(queue: Batch[]): Promise<void> {
    for (let batch = queue.shift(); batch !== undefined; batch = queue.shift()) {
      if (this.#fatal !== undefined) return;
      try {
        const isQuery = batch.tasks.some(({ kind }) => kind === "query");
        const work = (): Promise<void> => this.#batch(batch);
        await (isQuery ? this.#queries.run(work) : work());
      } catch (error) {
        this.#fatal ??= error;
      }
    }
  }

  /** Fetches a batch's tasks together, then commits those that came. */
  async #batch(batch: Batch): Promise<void> {
    const { lake, writer } = this.#options;
    const stage = writer.stage(lake.schema(batch.endpoint.table));
    const done: Task[] = [];
    const outcomes = await Promise.allSettled(
      batch.tasks.map(async (task) => {
        await this.#task(batch, task, stage);
        done.push(task);
      }),
    );
    try {
      await this.#turn.take(() => this.#commit(batch, stage, done));
    } finally {
      await this.#turn.take(() => stage.drop());
    }
    for (const outcome of outcomes) if (outcome.status === "rejected") this.#note(outcome.reason);
  }

  async #task(batch: Batch, task: Task, stage: Stage): Promise<void> {
    if (this.#fatal !== undefined) throw this.#fatal;
    this.#options.signal?.throwIfAborted();
    if (task.kind === "bulk") await this.#bulk(task, stage);
    else await this.#query(batch, task, stage);
    this.#tasks += 1;
    const { onProgress, stage: name = "ingest" } = this.#options;
    const note = batch.endpoint.path;
    onProgress?.({ stage: name, done: this.#tasks, total: this.#total, note });
  }

  async #bulk(task: Extract<Task, { kind: "bulk" }>, stage: Stage): Promise<void> {
    const { client } = this.#options;
    const { key, size } = task.file;
    const file = join(this.#folder, basename(key));
    await client.download(key, file, size);
    await this.#turn.take(() =>
      stage.addSelect({
        select: csvSelect(file),
        source: this.#source("bulk"),
        label: `bulk file ${key}`,
      }),
    );
    await rm(file);
  }

  async #query(batch: Batch, task: Extract<Task, { kind: "query" }>, stage: Stage): Promise<void> {
    const pages: (readonly RawRow[])[] = [];
    for await (const page of this.#options.client.pages(batch.endpoint.path, task.parameters)) {
      pages.push(page.rows);
    }
    await this.#turn.take(async () => {
      for (const rows of pages) await stage.add(rows, this.#source("query"));
    });
  }

  async #commit(batch: Batch, stage: Stage, done: readonly Task[]): Promise<void> {
    const { writer, clock, plan } = this.#options;
    if (done.length === 0) return;
    const isWhole = done.length === batch.tasks.length;
    const days = new Set(done.flatMap(({ days: ofTask }) => ofTask));
    if (isWhole) for (const day of batch.jointDays) days.add(day);
    else if (batch.jointDays.length > 0) return;
    this.#rows += stage.rows;
    const nowMs = clock.nowMs();
    const counts = await stage.countByDay();
    const fetched = [...days]
      .toSorted((left, right) => left - right)
      .map((day) => ({
        day: isoDate(day),
        final: this.#isFinal(batch, day, counts.has(isoDate(day)), nowMs),
      }));
    await writer.commit(stage, {
      days: fetched,
      source: this.#source(done[0].kind),
      plan,
      fetchedAt: Temporal.Instant.fromEpochMilliseconds(nowMs).toString(),
      files: filesOf(done),
    });
  }

  /** Provenance of what a task brought: bulk, api, simulated-bulk or simulated-api. */
  #source(kind: Task["kind"]): string {
    const way = kind === "bulk" ? "bulk" : "api";
    return this.#options.client.isSimulated ? `simulated-${way}` : way;
  }

  #isFinal({ endpoint }: Batch, day: number, hasRows: boolean, nowMs: number): boolean {
    const { calendar, plan } = this.#options;
    const until = hasRows ? finalMs : emptyFinalMs;
    return nowMs >= until(endpoint, day, calendar, plan);
  }

  /** Keeps the failure of one request, an answer too large to be given included; anything else ends the run. */
  #note(reason: unknown): void {
    const isOfOne = reason instanceof SourceError && (reason.retryable || reason.status === 413);
    if (isOfOne) this.#failures.push(reason);
    else this.#fatal ??= reason;
  }
}

function filesOf(tasks: readonly Task[]): Record<string, { lastModified: string; size: number }> {
  return Object.fromEntries(
    tasks
      .filter((task) => task.kind === "bulk")
      .map(({ file }) => file)
      .filter(({ lastModified }) => lastModified !== undefined)
      .map(({ key, lastModified = "", size = 0 }) => [key, { lastModified, size }]),
  );
}
