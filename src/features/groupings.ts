// The fixed tables behind the groupings: a group's number is its place here, the same in every build.

import { industries, otherIndustry, sectionNames } from "../jquants/index.ts";
import type { Grouping } from "./feature.ts";

export { scaleNames, sectionNames, sectionOfMarket } from "../jquants/index.ts";

/** The 33 industries of the Tokyo Stock Exchange and 9999 (other). */
export const sector33Codes: readonly string[] = [
  ...industries.map(({ s33 }) => s33),
  otherIndustry.s33,
];

/** TOPIX-17 and 99 (other). */
export const sector17Codes: readonly string[] = [
  "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14", "15", "16", "17", "99",
]; // prettier-ignore

/** Code in /indices/bars/daily of a sector's index, by the sector's place in `sector33Codes`; none for the last (other). */
export function sectorIndexCode(sector33: number): string | undefined {
  return industries.at(sector33)?.indexCode;
}

/** The keys of a grouping, in the order of their numbers. */
export function groupKeys(grouping: Grouping): readonly string[] {
  if (grouping === "sector33") return sector33Codes;
  return grouping === "sector17" ? sector17Codes : sectionNames;
}

/** The number of a cell without a group. */
export const noGroup = 255;
