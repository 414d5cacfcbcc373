// What a plan is made from and what it says: values only, shared by the planner and the executor.

import type { Calendar } from "../calendar/index.ts";
import type { Addon, Bucket, Endpoint, Plan } from "../jquants/index.ts";
import type { DayCoverage } from "../lake/index.ts";
import type { BulkFile } from "./bulk-files.ts";

export interface PlanRequest {
  readonly endpoints: readonly Endpoint[];
  /** Epoch days, both included. */
  readonly from: number;
  readonly to: number;
  readonly plan: Plan;
  readonly addons?: readonly Addon[];
  readonly nowMs: number;
  readonly calendar: Calendar;
  /** What the lake holds of a table, by day. */
  readonly coverage: (table: string) => Readonly<Record<string, DayCoverage>>;
  /** Bulk files by endpoint path as the service lists them; an endpoint without an entry is planned on the usual ones. */
  readonly files?: ReadonlyMap<string, readonly BulkFile[]>;
  /** False plans without bulk files. */
  readonly bulk?: boolean;
  /** Days that are asked for again whatever the lake holds, by endpoint path. */
  readonly stale?: ReadonlyMap<string, ReadonlySet<number>>;
}

/** One request, paging apart, or one bulk file. */
export type Task =
  | {
      readonly kind: "bulk";
      readonly file: BulkFile;
      readonly days: readonly number[];
    }
  | {
      readonly kind: "query";
      readonly parameters: Readonly<Record<string, string>>;
      readonly days: readonly number[];
    };

/** Tasks whose answers are committed together: those of one endpoint and month, or of one span. */
export interface Batch {
  readonly endpoint: Endpoint;
  readonly way: Way["name"];
  readonly tasks: readonly Task[];
  /** Days that count as fetched once all tasks are done; empty where each task brings whole days. */
  readonly jointDays: readonly number[];
}

/** The days of one endpoint that a request is about. */
export interface Wanted {
  /** Days for which the endpoint has rows to give, ascending. */
  readonly due: readonly number[];
  /** Those of them that the lake does not hold for good. */
  readonly missing: readonly number[];
  /** Days that the lake lacks within any span, asked for or not. */
  readonly missingIn: (from: number, to: number) => readonly number[];
}

export interface Skipped {
  readonly path: string;
  readonly reason: string;
}

export interface BucketCost {
  readonly bucket: Bucket;
  readonly requests: number;
  readonly minutes: number;
  /** Expected download, bytes. */
  readonly bytes: number;
}

export interface EndpointCost {
  readonly path: string;
  readonly way: Way["name"];
  readonly days: number;
  readonly requests: number;
  /** Expected download, bytes. */
  readonly bytes: number;
  /** Expected growth of the lake, bytes. */
  readonly storedBytes: number;
}

export interface IngestPlan {
  readonly batches: readonly Batch[];
  readonly skipped: readonly Skipped[];
  readonly endpoints: readonly EndpointCost[];
  readonly buckets: readonly BucketCost[];
  readonly requests: number;
  readonly minutes: number;
  /** Endpoints whose bulk files have to be listed first. */
  readonly toList: readonly Endpoint[];
}

export interface WayBatch {
  readonly tasks: readonly Task[];
  readonly jointDays: readonly number[];
}

export interface Way {
  readonly name: "bulk" | "by-date" | "range" | "by-code" | "snapshot";
  readonly batches: readonly WayBatch[];
  readonly bucket: Bucket;
  readonly requests: number;
  /** Requests that list bulk files, in the plan's bucket. */
  readonly lists: number;
  readonly days: number;
  readonly bytes: number;
}
