// What a worker thread runs: it loads a kernel's module once and calls the kernel on one block after another.

import type { Block } from "./pool.ts";

/** One call of a kernel, as it is posted to a worker. */
export interface Task {
  /** URL of the module. */
  readonly module: string;
  /** Name of the exported kernel. */
  readonly kernel: string;
  readonly block: Block;
  readonly args: unknown;
}

/** Calls the named kernel of the named module with `(block, args)`. */
export async function run({ module, kernel, block, args }: Task): Promise<unknown> {
  const loaded: object = await import(module);
  const callable: unknown = Reflect.get(loaded, kernel);
  if (typeof callable !== "function") {
    throw new TypeError(
      `expected an exported function ${kernel}, found ${Object.keys(loaded).join(", ") || "no exports"}`,
    );
  }
  return await callable(block, args);
}
