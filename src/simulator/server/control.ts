// Routes of the simulator itself, under /__sim: the virtual clock, faults and the state of both.

import type { FastifyInstance } from "fastify";
import { z } from "zod";
import type { ManualClock } from "../../clock.ts";
import { ConfigError } from "../../errors.ts";
import type { SimulatorContext } from "./context.ts";
import { parseFaults } from "./faults.ts";

const clockSchema = z.union([
  z.strictObject({ now: z.string() }),
  z.strictObject({ advance: z.string() }),
]);

/** Registers GET /__sim, POST /__sim/clock and POST and DELETE /__sim/faults. */
export function registerControl(
  app: FastifyInstance,
  context: SimulatorContext,
  clock: ManualClock,
): void {
  const state = (): object => ({
    now: jstText(clock.nowMs()),
    plan: context.plan,
    addons: context.addons,
    rateLimits: context.limiter !== undefined,
    market: context.store.market.config,
    synthetic: true,
  });
  app.get("/__sim", state);
  app.post("/__sim/clock", (request) => {
    moveClock(clock, request.body);
    return state();
  });
  app.post("/__sim/faults", (request) => {
    context.faults.add(parseFaults(request.body), clock.nowMs());
    return { faults: "armed" };
  });
  app.delete("/__sim/faults", () => {
    context.faults.clear();
    context.limiter?.reset();
    return { faults: "cleared" };
  });
}

/** Epoch milliseconds of an ISO instant with its offset, or of a JST date and time without one. Throws ConfigError. */
export function parseInstant(text: string): number {
  try {
    const hasOffset = /(?:Z|[+-]\d{2}:?\d{2})$/.test(text);
    return Temporal.Instant.from(hasOffset ? text : `${withTime(text)}+09:00`).epochMilliseconds;
  } catch (error) {
    throw new ConfigError(
      `clock: expected an instant such as 2026-10-30T20:00+09:00, found ${text}`,
      { cause: error },
    );
  }
}

function withTime(text: string): string {
  return text.includes("T") ? text : `${text}T00:00`;
}

/** Sets the clock to `now`, or moves it on by the ISO 8601 duration `advance`. */
function moveClock(clock: ManualClock, body: unknown): void {
  const parsed = clockSchema.safeParse(body);
  if (!parsed.success) {
    throw new ConfigError(`clock: expected {"now": instant} or {"advance": duration}`);
  }
  if ("now" in parsed.data) clock.set(parseInstant(parsed.data.now));
  else clock.advance(durationMs(parsed.data.advance));
}

function durationMs(text: string): number {
  try {
    return Temporal.Duration.from(text).total({
      unit: "milliseconds",
      relativeTo: Temporal.PlainDate.from("1970-01-01"),
    });
  } catch (error) {
    throw new ConfigError(`clock: expected a duration such as PT30M or P1D, found ${text}`, {
      cause: error,
    });
  }
}

function jstText(instantMs: number): string {
  return Temporal.Instant.fromEpochMilliseconds(instantMs)
    .toZonedDateTimeISO("Asia/Tokyo")
    .toString({ timeZoneName: "never", smallestUnit: "second" });
}
