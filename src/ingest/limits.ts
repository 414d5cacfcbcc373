// The bucket that a path draws on, and its limit under a plan.

import { bucketLimit, endpoints, type Plan } from "../jquants/index.ts";

export interface BucketLimit {
  readonly name: string;
  readonly perMinute: number;
}

/** Buckets of the published limits; an unknown path draws on the plan's own. `unlimited` is for a simulator without limits. */
export function limitOf(plan: Plan, unlimited = false): (path: string) => BucketLimit {
  return (path) => {
    const bucket = endpoints.get(path)?.bucket ?? "plan";
    return {
      name: bucket,
      perMinute: unlimited ? Number.MAX_SAFE_INTEGER : bucketLimit(plan, bucket),
    };
  };
}
