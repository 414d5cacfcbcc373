// What each plan may read: endpoints, how far back, and how often.

import { civilOfDay, dayOfCivil } from "../calendar/index.ts";
import type { Addon, Bucket, Endpoint, Plan } from "./schema.ts";

/** The plans, cheapest first. */
export const plans: readonly Plan[] = ["free", "light", "standard", "premium"];

const planRequests: ReadonlyMap<Plan, number> = new Map([
  ["free", 5],
  ["light", 60],
  ["standard", 120],
  ["premium", 500],
]);

const ownRequests: ReadonlyMap<Bucket, number> = new Map([
  ["fins-summary", 60],
  ["fins-details", 60],
  ["minute", 60],
  ["td", 100],
]);

const planYears: ReadonlyMap<Plan, number> = new Map([
  ["free", 2],
  ["light", 5],
  ["standard", 10],
  ["premium", 20],
]);

const addonYears: ReadonlyMap<Addon, number> = new Map([
  ["minute", 2],
  ["td", 5],
]);

/** The Free plan lags by twelve weeks. */
const freeLagDays = 84;

/** True when `plan` includes the endpoint, its add-on apart. */
export function allows(plan: Plan, endpoint: Pick<Endpoint, "plan">): boolean {
  return plans.indexOf(plan) >= plans.indexOf(endpoint.plan);
}

/** Requests a minute that `plan` may make in `bucket`; on Free no bucket gives more than the plan's own five. */
export function bucketLimit(plan: Plan, bucket: Bucket): number {
  const ofPlan = planRequests.get(plan) ?? 0;
  const own = ownRequests.get(bucket) ?? ofPlan;
  return plan === "free" && bucket.startsWith("fins") ? ofPlan : own;
}

export interface PlanWindow {
  /** First epoch day that the plan covers. */
  readonly fromDay: number;
  /** Last epoch day; null where the window is open, which is every plan but Free. */
  readonly toDay: number | null;
}

/** The days that `plan` covers on `today` (epoch days), for an endpoint of the plan or of an add-on. */
export function planWindow(plan: Plan, today: number, addon: Addon | null = null): PlanWindow {
  const ownYears = addon === null ? undefined : addonYears.get(addon);
  if (ownYears !== undefined) return { fromDay: yearsBefore(today, ownYears), toDay: null };
  const years = planYears.get(plan) ?? 0;
  if (plan !== "free") return { fromDay: yearsBefore(today, years), toDay: null };
  const toDay = today - freeLagDays;
  return { fromDay: yearsBefore(toDay, years), toDay };
}

/** The same calendar day `years` earlier; 29 February becomes 28 February. */
function yearsBefore(day: number, years: number): number {
  const { year, month, dayOfMonth } = civilOfDay(day);
  const isLeapDay = month === 2 && dayOfMonth === 29;
  return dayOfCivil(year - years, month, isLeapDay ? 28 : dayOfMonth);
}
