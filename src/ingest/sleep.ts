// Waiting for an instant on a clock, ended early by a cancellation.

import { setTimeout as delay } from "node:timers/promises";
import type { Clock } from "../clock.ts";
import { ManualClock } from "../clock.ts";
import type { WaitUntil } from "./rate-bucket.ts";

/** Sleeps until `clock` reads the instant. A ManualClock is moved there at once instead. */
export function sleepUntil(clock: Clock): WaitUntil {
  return async (instantMs, signal) => {
    if (clock instanceof ManualClock) {
      if (clock.nowMs() < instantMs) clock.set(instantMs);
      return;
    }
    const waitMs = instantMs - clock.nowMs();
    if (waitMs > 0) await delay(waitMs, undefined, signal === undefined ? {} : { signal });
  };
}
