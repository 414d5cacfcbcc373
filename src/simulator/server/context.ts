// What every route of the simulator works with.

import type { Clock } from "../../clock.ts";
import { jstDay } from "../../calendar/index.ts";
import { planWindow, type Addon, type Endpoint, type Plan } from "../../jquants/index.ts";
import type { BulkFiles } from "./bulk-files.ts";
import type { Faults } from "./faults.ts";
import type { RateLimiter } from "./rate-limiter.ts";
import type { RowStore, Subscription } from "./served-market.ts";
import type { SignedStorage } from "./storage.ts";

export interface SimulatorContext {
  readonly plan: Plan;
  readonly addons: readonly Addon[];
  /** The only valid key; undefined accepts every key but `invalid`. */
  readonly apiKey: string | undefined;
  /** The virtual present: it decides what has been published. */
  readonly clock: Clock;
  /** Undefined switches rate limits off. */
  readonly limiter: RateLimiter | undefined;
  readonly faults: Faults;
  readonly store: RowStore;
  readonly bulk: BulkFiles;
  readonly storage: SignedStorage;
  readonly pageBytes: number;
}

/** The plan, window and present under which rows of `endpoint` are served. */
export function subscriptionTo(context: SimulatorContext, endpoint: Endpoint): Subscription {
  const nowMs = context.clock.nowMs();
  return {
    plan: context.plan,
    window: planWindow(context.plan, jstDay(nowMs), endpoint.addon),
    nowMs,
  };
}
