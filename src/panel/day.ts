// Cross-sections of a code-major column: one date strided, or a block of dates gathered into a date-major scratch and back.

import { ShapeError } from "../errors.ts";
import type { ColumnArray, IndexRange } from "./column.ts";

/** One date of a column: element i belongs to code i. Reads and writes go to the column itself. */
export class DayView {
  readonly length: number;
  readonly #column: ColumnArray;
  readonly #dateIndex: number;
  readonly #dateCount: number;

  constructor(column: ColumnArray, dateIndex: number, dateCount: number) {
    this.length = dateCount === 0 ? 0 : column.length / dateCount;
    this.#column = column;
    this.#dateIndex = dateIndex;
    this.#dateCount = dateCount;
  }

  at(codeIndex: number): number {
    return this.#column[codeIndex * this.#dateCount + this.#dateIndex];
  }

  set(codeIndex: number, value: number): void {
    this.#column[codeIndex * this.#dateCount + this.#dateIndex] = value;
  }
}

/**
 * Copies `dates` of a code-major column into `out`, date-major: `out[(d − start) × codes + c]`, so that each date's
 * cross-section is contiguous. Blocks of 8 to 64 dates read whole cache lines of every code.
 *
 * @param dateCount dates of the panel: the column's stride
 * @returns `out`. Throws ShapeError when `out` is too short.
 */
export function gatherDays<T extends ColumnArray>(
  column: ColumnArray,
  dateCount: number,
  { start, end }: IndexRange,
  out: T,
): T {
  const codeCount = requireScratch("gatherDays", column, dateCount, end - start, out);
  for (let code = 0; code < codeCount; code += 1) {
    const first = code * dateCount;
    for (let date = start; date < end; date += 1) {
      out[(date - start) * codeCount + code] = column[first + date];
    }
  }
  return out;
}

/** Copies a date-major block, as `gatherDays` makes it, back into `dates` of a code-major column. */
export function scatterDays(
  block: ColumnArray,
  dateCount: number,
  { start, end }: IndexRange,
  column: ColumnArray,
): void {
  const codeCount = requireScratch("scatterDays", column, dateCount, end - start, block);
  for (let code = 0; code < codeCount; code += 1) {
    const first = code * dateCount;
    for (let date = start; date < end; date += 1) {
      column[first + date] = block[(date - start) * codeCount + code];
    }
  }
}

function requireScratch(
  where: string,
  column: ColumnArray,
  dateCount: number,
  days: number,
  scratch: ColumnArray,
): number {
  const codeCount = dateCount === 0 ? 0 : column.length / dateCount;
  if (scratch.length < days * codeCount) {
    throw new ShapeError(
      `${where}: expected a block of at least ${days * codeCount} cells ` +
        `(${days} dates × ${codeCount} codes), found ${scratch.length}`,
    );
  }
  return codeCount;
}
