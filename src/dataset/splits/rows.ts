// Rows of a dataset by the part they may play. Only the splitters of this folder make them: `fit` takes nothing else.

/** The rows that a splitter cuts: one a (session, stock), ascending by session. */
export interface LabelledRows {
  /** (sessions) epoch days, ascending. */
  readonly dates: Int32Array;
  /** (rows) position of the row's session in `dates`, never descending. */
  readonly sessions: Int32Array;
  /** (rows) position of the row's stock. */
  readonly codes: Int32Array;
  /** (rows) last session whose prices a known label of the row reads; the row's own session when no label is known. */
  readonly labelEnds: Int32Array;
  /** Longest horizon in sessions: how far a label reaches in a stock that trades every session. */
  readonly horizon: number;
}

abstract class Rows {
  readonly fold: number;
  /** Positions in the dataset, ascending. */
  readonly indices: Int32Array;
  readonly source: LabelledRows;

  constructor(source: LabelledRows, fold: number, indices: Int32Array) {
    this.source = source;
    this.fold = fold;
    this.indices = indices;
  }

  get length(): number {
    return this.indices.length;
  }
}

/** Rows that a model or transform may learn from. */
export class TrainRows extends Rows {
  readonly #role: string = "train";

  get role(): string {
    return this.#role;
  }
}

/** Rows inside the training window, held out of fitting to decide when to stop. */
export class ValidationRows extends Rows {
  readonly #role: string = "validation";

  get role(): string {
    return this.#role;
  }
}

/** Rows that a fold is judged on. */
export class TestRows extends Rows {
  readonly #role: string = "test";

  get role(): string {
    return this.#role;
  }
}
