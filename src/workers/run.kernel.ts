// What a worker thread runs: it loads a kernel's module once and calls the kernel on one block after another.

import { enableCompileCache } from "node:module";
import { failureOf, type Outcome } from "./failure.ts";
import type { Task } from "./pool.ts";

/** Threads start in half the time when what they load was compiled before. */
enableCompileCache();

/** The pool's shared value as last sent; none was sent of version 0. */
let held: { readonly version: number; readonly shared: object } = { version: 0, shared: {} };

/** Calls the named kernel of the named module with `(block, args, shared)`. */
export async function run(task: Task): Promise<Outcome> {
  const { module, kernel, block, args, version, shared } = task;
  if (shared !== undefined) held = { version, shared };
  if (held.version !== version) return { lacksShared: true };
  try {
    const loaded: object = await import(module);
    const callable: unknown = Reflect.get(loaded, kernel);
    if (typeof callable !== "function") {
      throw new TypeError(
        `expected an exported function ${kernel}, found ${Object.keys(loaded).join(", ") || "no exports"}`,
      );
    }
    return { value: await callable(block, args, held.shared) };
  } catch (error) {
    return { failure: failureOf(error) };
  }
}

/** Loads a module before its kernels are called. */
export async function load(module: string): Promise<void> {
  await import(module);
}
