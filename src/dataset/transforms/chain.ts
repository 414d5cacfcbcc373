// Transforms one after another: each is fitted on what the one before it made of the training rows.

import type { FittedTransform, Transform, Transformer } from "./transformer.ts";

export function chain(...transformers: readonly Transformer[]): Transformer {
  const name = transformers.map((transformer) => transformer.name).join(" > ");
  return {
    name,
    fit: (train, table) => {
      let current = table;
      const fitted: FittedTransform[] = [];
      for (const transformer of transformers) {
        const next = transformer.fit(train, current);
        current = next.transform(current);
        fitted.push(next);
      }
      return { ...chained(name, fitted, table.columnNames), fittedOn: train };
    },
  };
}

/** Applies `transforms` in order; `inputs` are the columns the first one is given. */
export function chained(
  name: string,
  transforms: readonly Transform[],
  inputs: readonly string[],
): Transform {
  return {
    name,
    columnNames: transforms.at(-1)?.columnNames ?? inputs,
    states: transforms.flatMap(({ states }) => states),
    transform: (table) => transforms.reduce((current, next) => next.transform(current), table),
  };
}
