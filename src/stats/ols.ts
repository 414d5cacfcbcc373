// Ordinary least squares by Householder QR, as statsmodels.OLS(y, X, missing="drop").

import { requireLength } from "./arguments.ts";
import { ShapeError } from "../errors.ts";

/** Options of `ols`. */
export interface OlsOptions {
  /** Put a column of ones first; default true. */
  readonly intercept?: boolean;
}

/** A fitted regression; with an intercept, entry 0 of each coefficient array is the intercept's. */
export interface OlsFit {
  readonly coefficients: Float64Array;
  readonly standardErrors: Float64Array;
  readonly tStatistics: Float64Array;
  /** y − ŷ in y's own rows, NaN where a row was left out. */
  readonly residuals: Float64Array;
  /** 1 − RSS / TSS; TSS is around the mean when there is an intercept, else around 0. */
  readonly rSquared: number;
  /** Rows without a missing value. */
  readonly count: number;
  readonly degreesOfFreedom: number;
  /** The regressors of the rows used, intercept first: (columns) of (count). */
  readonly design: readonly Float64Array[];
  /** (X′X)⁻¹, row-major: (columns, columns). */
  readonly inverseGram: Float64Array;
}

/**
 * Regresses `y` on `columns`; a row with a NaN in any of them is left out.
 * All statistics are NaN when the columns are collinear or there are fewer rows than coefficients; standard errors are NaN
 * when there are as many. Throws ShapeError when lengths differ or there is nothing to fit.
 */
export function ols(
  y: Float64Array,
  columns: readonly Float64Array[],
  { intercept = true }: OlsOptions = {},
): OlsFit {
  for (const column of columns) requireLength("ols", "each column", y.length, column.length);
  if (columns.length === 0 && !intercept) {
    throw new ShapeError("ols: expected a column or an intercept, found neither");
  }
  const rows = completeRows(y, columns);
  const target = Float64Array.from(rows, (row) => y[row]);
  const design = columns.map((column) => Float64Array.from(rows, (row) => column[row]));
  if (intercept) design.unshift(new Float64Array(rows.length).fill(1));
  const { coefficients, inverseGram } = solve(target, design);
  const degreesOfFreedom = rows.length - design.length;
  const residuals = new Float64Array(y.length).fill(Number.NaN);
  let squares = 0;
  for (let i = 0; i < rows.length; i += 1) {
    let residual = target[i];
    for (let j = 0; j < design.length; j += 1) residual -= coefficients[j] * design[j][i];
    residuals[rows[i]] = residual;
    squares += residual * residual;
  }
  const noise = degreesOfFreedom > 0 ? squares / degreesOfFreedom : Number.NaN;
  const standardErrors = coefficients.map((_, j) =>
    Math.sqrt(noise * inverseGram[j * design.length + j]),
  );
  return {
    coefficients,
    standardErrors,
    tStatistics: coefficients.map((coefficient, j) => coefficient / standardErrors[j]),
    residuals,
    rSquared: 1 - squares / totalSquares(target, intercept),
    count: rows.length,
    degreesOfFreedom,
    design,
    inverseGram,
  };
}

function completeRows(y: Float64Array, columns: readonly Float64Array[]): Int32Array {
  const rows: number[] = [];
  for (let i = 0; i < y.length; i += 1) {
    if (!Number.isNaN(y[i]) && columns.every((column) => !Number.isNaN(column[i]))) rows.push(i);
  }
  return Int32Array.from(rows);
}

function totalSquares(y: Float64Array, centered: boolean): number {
  let sum = 0;
  for (let i = 0; i < y.length; i += 1) sum += y[i];
  const center = centered ? sum / y.length : 0;
  let squares = 0;
  for (let i = 0; i < y.length; i += 1) squares += (y[i] - center) ** 2;
  return squares > 0 ? squares : Number.NaN;
}

interface Solution {
  readonly coefficients: Float64Array;
  readonly inverseGram: Float64Array;
}

/** Coefficients and (X′X)⁻¹ from X = QR; NaN when R is singular. */
function solve(y: Float64Array, design: readonly Float64Array[]): Solution {
  const width = design.length;
  const columns = design.map((column) => column.slice());
  const target = y.slice();
  const diagonal = new Float64Array(width);
  let regular = y.length >= width;
  for (let j = 0; j < width && regular; j += 1) {
    const length = norm(design[j], 0);
    diagonal[j] = reflect(columns, target, j);
    regular = Math.abs(diagonal[j]) > length * Number.EPSILON * y.length;
  }
  const coefficients = new Float64Array(width).fill(Number.NaN);
  const inverseGram = new Float64Array(width * width).fill(Number.NaN);
  if (!regular) return { coefficients, inverseGram };
  for (let i = width - 1; i >= 0; i -= 1) {
    let sum = target[i];
    for (let j = i + 1; j < width; j += 1) sum -= columns[j][i] * coefficients[j];
    coefficients[i] = sum / diagonal[i];
  }
  const inverse = invertUpper(columns, diagonal);
  for (let i = 0; i < width; i += 1) {
    for (let j = 0; j < width; j += 1) {
      let sum = 0;
      for (let k = Math.max(i, j); k < width; k += 1) {
        sum += inverse[i * width + k] * inverse[j * width + k];
      }
      inverseGram[i * width + j] = sum;
    }
  }
  return { coefficients, inverseGram };
}

/** Householder step j on the later columns and the target; returns R's diagonal entry (R above it is in `columns`). */
function reflect(columns: readonly Float64Array[], target: Float64Array, j: number): number {
  const pivot = columns[j];
  const length = norm(pivot, j);
  const entry = pivot[j] > 0 ? -length : length;
  pivot[j] -= entry;
  let squares = 0;
  for (let i = j; i < pivot.length; i += 1) squares += pivot[i] * pivot[i];
  if (!(squares > 0)) return entry;
  for (const column of [...columns.slice(j + 1), target]) {
    let product = 0;
    for (let i = j; i < pivot.length; i += 1) product += pivot[i] * column[i];
    const step = (2 * product) / squares;
    for (let i = j; i < pivot.length; i += 1) column[i] -= step * pivot[i];
  }
  return entry;
}

/** The inverse of R, row-major; R's entry (i, j) for i < j is `columns[j][i]`. */
function invertUpper(columns: readonly Float64Array[], diagonal: Float64Array): Float64Array {
  const width = diagonal.length;
  const inverse = new Float64Array(width * width);
  for (let j = 0; j < width; j += 1) {
    inverse[j * width + j] = 1 / diagonal[j];
    for (let i = j - 1; i >= 0; i -= 1) {
      let sum = 0;
      for (let k = i + 1; k <= j; k += 1) sum += columns[k][i] * inverse[k * width + j];
      inverse[i * width + j] = -sum / diagonal[i];
    }
  }
  return inverse;
}

function norm(column: Float64Array, from: number): number {
  let squares = 0;
  for (let i = from; i < column.length; i += 1) squares += column[i] * column[i];
  return Math.sqrt(squares);
}
