// What a fold trains on: transformed features row by row, static codes, standardised targets, and where each (session, stock) is.

import { ConfigError, ShapeError } from "../errors.ts";
import type { AtftSpec } from "../model/atft/index.ts";

/** Rows of a dataset after a fold's transform; one a (session, stock), by session. */
export interface Samples {
  readonly spec: AtftSpec;
  /** (sessions) epoch days. */
  readonly dates: Int32Array;
  readonly codeNames: readonly string[];
  /** (sessions · codes) the row, -1 where the stock has none that day. */
  readonly rowOf: Int32Array;
  /** (rows, F) NaN where missing. */
  readonly values: Float32Array;
  /** (rows, static columns) codes, 0 where unknown. */
  readonly statics: Int32Array;
  /** One array a horizon: (rows) standardised label, NaN where unknown or not to be learnt from. */
  readonly targets: readonly Float32Array[];
}

/** The same samples cut to shorter sequences: a curriculum's first phases. Throws ConfigError where no such network fits the weights. */
export function withTime(samples: Samples, time: number | undefined): Samples {
  const { spec } = samples;
  const { config } = spec;
  if (time === undefined || time === config.time) return samples;
  const { topK, slices } = config.normalisation;
  if (time > config.time || topK > 0 || slices > 0) {
    throw new ConfigError(
      `train: a phase of ${time} sessions needs a model of at least as many, found ${config.time}, without frequency and slice normalisation, whose weights fit one length`,
    );
  }
  return { ...samples, spec: { ...spec, config: { ...config, time } } };
}

/** (sessions · codes) positions of rows. Throws ShapeError when a (session, stock) occurs twice. */
export function rowPositions(
  sessions: Int32Array,
  codes: Int32Array,
  { sessionCount, codeCount }: { readonly sessionCount: number; readonly codeCount: number },
): Int32Array {
  const rowOf = new Int32Array(sessionCount * codeCount).fill(-1);
  for (let row = 0; row < sessions.length; row += 1) {
    const cell = sessions[row] * codeCount + codes[row];
    if (rowOf[cell] >= 0) {
      throw new ShapeError(`samples: rows ${rowOf[cell]} and ${row} are of one stock and session`);
    }
    rowOf[cell] = row;
  }
  return rowOf;
}

/** Columns side by side, (rows, F) row-major; each is read once and let go. */
export function interleave(
  names: readonly string[],
  rows: number,
  read: (name: string) => Float32Array,
): Float32Array {
  const width = names.length;
  const values = new Float32Array(rows * width);
  names.forEach((name, feature) => {
    const column = read(name);
    for (let row = 0, at = feature; row < rows; row += 1, at += width) values[at] = column[row];
  });
  return values;
}
