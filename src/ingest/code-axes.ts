// Endpoints whose codes are a published list, so that asking code by code misses nothing.

import { industries, otherIndustry, type Endpoint } from "../jquants/index.ts";

export interface CodeAxis {
  readonly parameter: string;
  readonly codes: readonly string[];
}

/** The 33 industries of the TSE and 9999 for all others. */
const industries33 = [...industries.map(({ s33 }) => s33), otherIndustry.s33];

const axes = new Map<string, CodeAxis>([
  ["/markets/short-ratio", { parameter: "s33", codes: industries33 }],
]);

/** The axis of an endpoint; undefined where codes come and go, as listed issues and indices do. */
export function codesOf({ path }: Endpoint): CodeAxis | undefined {
  return axes.get(path);
}
