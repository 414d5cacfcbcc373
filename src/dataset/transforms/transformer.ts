// What every transform is: `fit` takes training rows and gives the fitted transform, which alone can transform.

import { z } from "zod";
import { ArtifactError, SchemaError, ShapeError } from "../../errors.ts";
import type { TrainRows } from "../splits/index.ts";
import { derivedTable, type RowIndex, type RowTable } from "./row-table.ts";

/** What a transform learnt of one column; null when the training rows held no value of it. */
export interface ColumnState {
  readonly column: string;
  readonly parameters: Readonly<Record<string, number>> | null;
}

/** A fitted transform as plain JSON. */
export interface TransformState {
  readonly transform: string;
  readonly settings: Readonly<Record<string, number>>;
  readonly columns: readonly ColumnState[];
}

export interface Transform {
  readonly name: string;
  /** Names of the columns that `transform` gives, in order. */
  readonly columnNames: readonly string[];
  readonly states: readonly TransformState[];
  /** A view of `table`, computed column by column when asked; `table` stays as it is. */
  transform(table: RowTable): RowTable;
}

/** A transform that remembers what it was fitted on, so that its use can be judged. */
export interface FittedTransform extends Transform {
  readonly fittedOn: TrainRows;
}

export interface Transformer {
  readonly name: string;
  fit(train: TrainRows, table: RowTable): FittedTransform;
}

/** How one column is learnt and changed; a transform is such a rule over some columns. */
export interface ColumnRule {
  readonly name: string;
  readonly settings: Readonly<Record<string, number>>;
  /** From finite training values, ascending in time; there is at least one. Without it the rule learns nothing. */
  readonly learn?: (values: Float64Array) => Record<string, number>;
  /** (rows) new values; `parameters` is null when nothing was learnt. */
  apply(
    values: Float32Array,
    parameters: Readonly<Record<string, number>> | null,
    index: RowIndex,
  ): Float32Array;
  /** A second output column beside the changed one. */
  readonly companion?: {
    readonly suffix: string;
    of(values: Float32Array): Float32Array;
  };
}

/** Values that a rule learns from; quantiles of more rows than this come from an even sample. */
const learningLimit = 200_000;

/** A transformer that applies `rule` to `columns` (default all) and passes the other columns on. */
export function columnTransformer(rule: ColumnRule, columns?: readonly string[]): Transformer {
  return {
    name: rule.name,
    fit: (train, table) => {
      requireSameRows(rule.name, train, table);
      const { learn } = rule;
      const learnt = (columns ?? table.columnNames).map((column): ColumnState => {
        if (learn === undefined) return { column, parameters: {} };
        const values = trainingValues(train, table.column(column));
        return { column, parameters: values.length === 0 ? null : learn(values) };
      });
      const state = { transform: rule.name, settings: rule.settings, columns: learnt };
      return { ...applyState(rule, state, table.columnNames), fittedOn: train };
    },
  };
}

/** The transform of a rule and what it learnt; `inputs` are the columns it will be given. */
export function applyState(
  rule: ColumnRule,
  state: TransformState,
  inputs: readonly string[],
): Transform {
  const learnt = new Map(state.columns.map(({ column, parameters }) => [column, parameters]));
  const missing = [...learnt.keys()].filter((column) => !inputs.includes(column));
  if (missing.length > 0) {
    throw new SchemaError(`${rule.name}: the table has no column ${missing.join(", ")}`);
  }
  const { companion } = rule;
  const companions =
    companion === undefined
      ? []
      : [...learnt.keys()].map((column) => `${column}${companion.suffix}`);
  const columnNames = [...inputs, ...companions];
  return {
    name: rule.name,
    columnNames,
    states: [state],
    transform: (table) =>
      derivedTable(table.index, columnNames, (name) => {
        if (companion !== undefined && companions.includes(name)) {
          return companion.of(table.column(name.slice(0, -companion.suffix.length)));
        }
        const values = table.column(name);
        const parameters = learnt.get(name);
        return parameters === undefined ? values : rule.apply(values, parameters, table.index);
      }),
  };
}

const stateSchema: z.ZodType<TransformState> = z.strictObject({
  transform: z.string(),
  settings: z.record(z.string(), z.number()),
  columns: z.array(
    z.strictObject({
      column: z.string(),
      parameters: z.record(z.string(), z.number()).nullable(),
    }),
  ),
});

/** Checks a saved state. Throws ArtifactError when it is malformed. */
export function parseState(value: unknown): TransformState {
  const parsed = stateSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new ArtifactError(`transform state: ${z.prettifyError(parsed.error)}`);
}

function requireSameRows(name: string, train: TrainRows, { index }: RowTable): void {
  const expected = train.source.sessions.length;
  if (index.sessions.length === expected) return;
  throw new ShapeError(
    `${name}.fit: the training rows are of a table of ${expected} rows, found ${index.sessions.length}`,
  );
}

function trainingValues({ indices }: TrainRows, values: Float32Array): Float64Array {
  const step = Math.max(1, Math.ceil(indices.length / learningLimit));
  const known = new Float64Array(Math.ceil(indices.length / step));
  let count = 0;
  for (let i = 0; i < indices.length; i += step) {
    const value = values[indices[i]];
    if (!Number.isFinite(value)) continue;
    known[count] = value;
    count += 1;
  }
  return known.subarray(0, count);
}
