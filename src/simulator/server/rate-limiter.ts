// Requests a minute by bucket: a sliding window of sixty seconds, and a block of five minutes for those who go on regardless.

import type { Clock } from "../../clock.ts";
import { bucketLimit, type Bucket, type Plan } from "../../jquants/index.ts";

const windowMs = 60_000;
const blockMs = 300_000;

/** The window's algorithm is not published; a client that is safe under a sliding window is safe under any of them. */
export class RateLimiter {
  readonly #clock: Clock;
  readonly #plan: Plan;
  readonly #granted = new Map<Bucket, SlidingCount>();
  #refused = new SlidingCount();
  #blockedUntilMs = 0;

  constructor(clock: Clock, plan: Plan) {
    this.#clock = clock;
    this.#plan = plan;
  }

  /** True when a request may pass now; it is then counted. */
  admit(bucket: Bucket): boolean {
    const nowMs = this.#clock.nowMs();
    if (nowMs < this.#blockedUntilMs) return false;
    const limit = bucketLimit(this.#plan, bucket);
    const granted = this.#granted.get(bucket) ?? new SlidingCount();
    this.#granted.set(bucket, granted);
    if (granted.count(nowMs) < limit) {
      granted.add(nowMs);
      return true;
    }
    this.#refuse(nowMs, limit);
    return false;
  }

  /** Epoch milliseconds until which every request is refused; 0 when there is no block. */
  get blockedUntilMs(): number {
    return this.#clock.nowMs() < this.#blockedUntilMs ? this.#blockedUntilMs : 0;
  }

  reset(): void {
    this.#granted.clear();
    this.#refused = new SlidingCount();
    this.#blockedUntilMs = 0;
  }

  /** Blocks once half a minute's allowance, and at least ten requests, were refused within a minute. */
  #refuse(nowMs: number, limit: number): void {
    this.#refused.add(nowMs);
    if (this.#refused.count(nowMs) < Math.max(10, limit / 2)) return;
    this.#blockedUntilMs = nowMs + blockMs;
    this.#refused = new SlidingCount();
  }
}

/** How many events fell into the last sixty seconds. */
class SlidingCount {
  #times: number[] = [];

  add(nowMs: number): void {
    this.#times.push(nowMs);
  }

  count(nowMs: number): number {
    const first = this.#times.findIndex((time) => time > nowMs - windowMs);
    this.#times = first < 0 ? [] : this.#times.slice(first);
    return this.#times.length;
  }
}
