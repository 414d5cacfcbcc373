// What a worker thread runs: it loads a kernel's module once and calls the kernel on one block after another.

import { enableCompileCache } from "node:module";
import { Piscina } from "piscina";
import { failureOf, type Outcome } from "./failure.ts";
import type { Task } from "./pool.ts";

/** Threads start in half the time when what they load was compiled before. */
enableCompileCache();

/** Calls the named kernel of the named module with `(block, args, shared)`. */
export async function run({ module, kernel, block, args }: Task): Promise<Outcome> {
  try {
    const loaded: object = await import(module);
    const callable: unknown = Reflect.get(loaded, kernel);
    if (typeof callable !== "function") {
      throw new TypeError(
        `expected an exported function ${kernel}, found ${Object.keys(loaded).join(", ") || "no exports"}`,
      );
    }
    const shared: unknown = Piscina.workerData;
    return { value: await callable(block, args, shared) };
  } catch (error) {
    return { failure: failureOf(error) };
  }
}
