// Request budgets: a sliding minute for each bucket, paused as a whole after a 429.

import type { Clock } from "../clock.ts";
import type { Rng } from "../rng.ts";

const windowMs = 60_000;
/** Share of the published limit that is used: the service's own window is not known to the second. */
const safety = 0.9;
const maxPauseMs = 60_000;
const penaltyMs = 5 * 60_000;
const strikesBeforePenalty = 3;

/** Waits until a clock reads an instant; rejects when `signal` aborts. */
export type WaitUntil = (instantMs: number, signal?: AbortSignal) => Promise<void>;

export interface RateBucketOptions {
  readonly perMinute: number;
  readonly clock: Clock;
  readonly waitUntil: WaitUntil;
  readonly rng: Rng;
}

/** Requests that this client allows itself in any 60 seconds under a published limit. */
export function allowedPerMinute(perMinute: number): number {
  return Math.max(1, Math.floor(perMinute * safety));
}

export class RateBucket {
  readonly perMinute: number;
  readonly #clock: Clock;
  readonly #waitUntil: WaitUntil;
  readonly #rng: Rng;
  readonly #sent: number[] = [];
  #pausedUntil = 0;
  #strikes = 0;
  #requests = 0;

  constructor({ perMinute, clock, waitUntil, rng }: RateBucketOptions) {
    this.perMinute = allowedPerMinute(perMinute);
    this.#clock = clock;
    this.#waitUntil = waitUntil;
    this.#rng = rng;
  }

  /** Requests sent so far. */
  get requests(): number {
    return this.#requests;
  }

  /** Resolves when one more request may be sent. Another one may still be quicker: see tryTake. */
  async ready(signal?: AbortSignal): Promise<void> {
    for (;;) {
      signal?.throwIfAborted();
      const next = this.#nextMs();
      if (next <= this.#clock.nowMs()) return;
      await this.#waitUntil(next, signal);
    }
  }

  /** Counts one more request and returns true when it may be sent at this moment. */
  tryTake(): boolean {
    const now = this.#clock.nowMs();
    if (this.#nextMs() > now) return false;
    this.#sent.push(now);
    this.#requests += 1;
    return true;
  }

  succeeded(): void {
    this.#strikes = 0;
  }

  /** A 429 came: pauses the bucket for Retry-After or a jittered power of two, five minutes after three in a row. */
  refused(retryAfterMs: number): void {
    const now = this.#clock.nowMs();
    if (now < this.#pausedUntil) return;
    this.#strikes += 1;
    const backoff = Math.min(maxPauseMs, 1000 * 2 ** this.#strikes * (0.5 + this.#rng.uniform()));
    const pause = this.#strikes > strikesBeforePenalty ? penaltyMs : backoff;
    this.#pausedUntil = now + Math.max(retryAfterMs, pause);
  }

  #nextMs(): number {
    const now = this.#clock.nowMs();
    while (this.#sent.length > 0 && this.#sent[0] <= now - windowMs) this.#sent.shift();
    const free = this.#sent.length < this.perMinute ? now : this.#sent[0] + windowMs;
    return Math.max(free, this.#pausedUntil);
  }
}
