// What a worker thread runs: it loads a kernel's module once and calls the kernel on one block after another.

import type { Task } from "./pool.ts";

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
