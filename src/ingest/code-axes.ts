// Endpoints whose codes are a published list, so that asking code by code misses nothing.

import type { Endpoint } from "../jquants/index.ts";

export interface CodeAxis {
  readonly parameter: string;
  readonly codes: readonly string[];
}

/** The 33 industries of the TSE and 9999 for all others. */
const industries33 =
  "0050 1050 2050 3050 3100 3150 3200 3250 3300 3350 3400 3450 3500 3550 3600 3650 3700 3750 3800 4050 5050 5100 5150 5200 5250 6050 6100 7050 7100 7150 7200 8050 9050 9999".split(
    " ",
  );

const axes = new Map<string, CodeAxis>([
  ["/markets/short-ratio", { parameter: "s33", codes: industries33 }],
]);

/** The axis of an endpoint; undefined where codes come and go, as listed issues and indices do. */
export function codesOf({ path }: Endpoint): CodeAxis | undefined {
  return axes.get(path);
}
