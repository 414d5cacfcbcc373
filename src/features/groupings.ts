// The fixed tables behind the groupings: a group's number is its place here, the same in every build.

import { industries, otherIndustry } from "../jquants/index.ts";
import type { Grouping } from "./feature.ts";

/** The 33 industries of the Tokyo Stock Exchange and 9999 (other). */
export const sector33Codes: readonly string[] = [
  ...industries.map(({ s33 }) => s33),
  otherIndustry.s33,
];

/** TOPIX-17 and 99 (other). */
export const sector17Codes: readonly string[] = [
  "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14", "15", "16", "17", "99",
]; // prettier-ignore

/** Sections as /equities/investor-types names them. */
export const sectionNames: readonly string[] = [
  "TSE1st",
  "TSE2nd",
  "TSEMothers",
  "TSEJASDAQ",
  "TSEPrime",
  "TSEStandard",
  "TSEGrowth",
];

/** Market code of /equities/master to section; codes that are absent (TOKYO PRO, others) have none. */
export const sectionOfMarket: ReadonlyMap<string, string> = new Map([
  ["0101", "TSE1st"],
  ["0102", "TSE2nd"],
  ["0104", "TSEMothers"],
  ["0106", "TSEJASDAQ"],
  ["0107", "TSEJASDAQ"],
  ["0111", "TSEPrime"],
  ["0112", "TSEStandard"],
  ["0113", "TSEGrowth"],
]);

/** Size classes of TOPIX, largest first, as ScaleCat of /equities/master names them; "-" is none of them. */
export const scaleNames: readonly string[] = [
  "TOPIX Core30",
  "TOPIX Large70",
  "TOPIX Mid400",
  "TOPIX Small 1",
  "TOPIX Small 2",
];

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
