// TOPIX size classes: ranked by market value at the start and each October, as the exchange does once a year.

import { civilOfDay, epochDay } from "../../calendar/index.ts";
import { noScale } from "./code-tables.ts";
import { type Issue, segmentOn } from "./issues.ts";

const fine500Day = epochDay("2023-06-05");

/** Members of the five classes among 4,000 issues: 30, 70, 400, 500 and the rest of the first section or Prime. */
const classSizes = [30, 70, 400, 500] as const;

/** Size class of each issue (index into `scaleTexts`) from market values (any unit) on `day`; unlisted ones are NaN. */
export function rankSizes(issues: readonly Issue[], values: Float64Array, day: number): Uint8Array {
  const classes = new Uint8Array(issues.length).fill(noScale);
  const members = issues
    .filter(
      (issue) => issue.kind === "stock" && isTopSegment(issue, day) && values[issue.index] > 0,
    )
    .map((issue) => issue.index)
    .sort((a, b) => values[b] - values[a] || a - b);
  const bounds = classBounds(issues.length);
  members.forEach((issue, rank) => {
    const found = bounds.findIndex((bound) => rank < bound);
    classes[issue] = found < 0 ? 4 : found;
  });
  return classes;
}

/** True when an issue of the size class trades on the fine tick table on `day`. */
export function hasFineTicks(scale: number, day: number): boolean {
  return scale <= (day >= fine500Day ? 2 : 1);
}

/** True for the last session before November: classes are ranked again. */
export function isRankingDay(day: number, nextDay: number): boolean {
  return civilOfDay(day).month === 10 && civilOfDay(nextDay).month === 11;
}

function isTopSegment(issue: Issue, day: number): boolean {
  const segment = segmentOn(issue, day);
  return segment === "0101" || segment === "0111";
}

function classBounds(count: number): readonly number[] {
  let bound = 0;
  return classSizes.map((size) => {
    bound += Math.max(1, Math.round((size * count) / 4000));
    return bound;
  });
}
