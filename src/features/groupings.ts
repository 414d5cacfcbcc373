// The fixed tables behind the groupings: a group's number is its place here, the same in every build.

import type { Grouping } from "./feature.ts";

/** The 33 industries of the Tokyo Stock Exchange and 9999 (other). */
export const sector33Codes: readonly string[] = [
  "0050", "1050", "2050", "3050", "3100", "3150", "3200", "3250", "3300", "3350", "3400", "3450",
  "3500", "3550", "3600", "3650", "3700", "3750", "3800", "4050", "5050", "5100", "5150", "5200",
  "5250", "6050", "6100", "7050", "7100", "7150", "7200", "8050", "9050", "9999",
]; // prettier-ignore

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

/** Index code of each of the 33 sectors: 0040 to 0060 in hexadecimal steps, in the order of `sector33Codes`. */
export function sectorIndexCode(sector33: number): string | undefined {
  if (sector33 >= 33) return undefined;
  return (0x40 + sector33).toString(16).toUpperCase().padStart(4, "0");
}

/** The keys of a grouping, in the order of their numbers. */
export function groupKeys(grouping: Grouping): readonly string[] {
  if (grouping === "sector33") return sector33Codes;
  return grouping === "sector17" ? sector17Codes : sectionNames;
}

/** The number of a cell without a group. */
export const noGroup = 255;
