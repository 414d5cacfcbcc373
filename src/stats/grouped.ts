// Cross-sectional kernels within groups (sectors, sizes) of one day, as pandas.Series.groupby(group).transform.
// `groups` holds a code a value, 0 or above; −1 is no group, and its values become NaN.

import { ShapeError } from "../errors.ts";
import { outputFor, requireLength, scratchFloat64, scratchInt32 } from "./arguments.ts";
import { rank, type RankOptions } from "./rank.ts";
import { demean, mean, zscore, type ZscoreOptions } from "./standardize.ts";

/** `rank` within each group. `out` must not overlap `values`. */
export function rankByGroup(
  values: Float64Array,
  groups: Int32Array,
  out?: Float64Array,
  options: RankOptions = {},
): Float64Array {
  return byGroup("rankByGroup", values, groups, out, (part) => rank(part, part, options));
}

/** `zscore` within each group; NaN in a group that does not vary or has count ≤ ddof. */
export function zscoreByGroup(
  values: Float64Array,
  groups: Int32Array,
  out?: Float64Array,
  options: ZscoreOptions = {},
): Float64Array {
  return byGroup("zscoreByGroup", values, groups, out, (part) => zscore(part, part, options));
}

/** `demean` within each group. */
export function demeanByGroup(
  values: Float64Array,
  groups: Int32Array,
  out?: Float64Array,
): Float64Array {
  return byGroup("demeanByGroup", values, groups, out, (part) => demean(part, part));
}

/** The mean of each value's group, also where the value itself is NaN; NaN in a group without values. */
export function meanByGroup(
  values: Float64Array,
  groups: Int32Array,
  out?: Float64Array,
): Float64Array {
  return byGroup("meanByGroup", values, groups, out, (part) => part.fill(mean(part)));
}

const gatheredScratch = scratchFloat64();
const positionScratch = scratchInt32();
const endScratch = scratchInt32();

/** Gathers each group's values, lets `transform` rewrite them in place and puts them back. */
function byGroup(
  kernel: string,
  values: Float64Array,
  groups: Int32Array,
  out: Float64Array | undefined,
  transform: (part: Float64Array) => Float64Array,
): Float64Array {
  requireLength(kernel, "groups", values.length, groups.length);
  const result = outputFor(kernel, values.length, out);
  const nGroups = countGroups(kernel, groups);
  const ends = endScratch(nGroups + 1).fill(0, 0, nGroups + 1);
  for (let i = 0; i < groups.length; i += 1) ends[groups[i] + 1] += 1;
  for (let g = 1; g <= nGroups; g += 1) ends[g] += ends[g - 1];
  const total = ends[nGroups];
  const missing = ends[0];
  const gathered = gatheredScratch(total);
  const positions = positionScratch(total);
  for (let i = groups.length - 1; i >= 0; i -= 1) {
    const slot = groups[i] + 1;
    ends[slot] -= 1;
    gathered[ends[slot]] = values[i];
    positions[ends[slot]] = i;
  }
  gathered.fill(Number.NaN, 0, missing);
  for (let g = 1; g <= nGroups; g += 1) {
    const end = g === nGroups ? total : ends[g + 1];
    if (end > ends[g]) transform(gathered.subarray(ends[g], end));
  }
  for (let i = 0; i < total; i += 1) result[positions[i]] = gathered[i];
  return result;
}

function countGroups(kernel: string, groups: Int32Array): number {
  let top = -1;
  for (let i = 0; i < groups.length; i += 1) {
    if (groups[i] > top) top = groups[i];
    if (groups[i] < -1) {
      throw new ShapeError(`${kernel}: a group must be −1 or above, found ${groups[i]} at ${i}`);
    }
  }
  return top + 1;
}
