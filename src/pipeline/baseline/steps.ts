// What each step of a pipeline cost: wall time, rows it went over, the process's peak memory when it ended.

import type { OnProgress } from "../../progress.ts";

export interface StepCost {
  readonly step: string;
  readonly seconds: number;
  readonly rows: number;
  /** Largest resident memory of the process so far, in bytes. */
  readonly peakBytes: number;
}

export class StepRecorder {
  readonly #costs: Map<string, StepCost> = new Map();
  readonly #onProgress: OnProgress;
  readonly #total: number;

  constructor(steps: number, onProgress: OnProgress) {
    this.#total = steps;
    this.#onProgress = onProgress;
  }

  get costs(): readonly StepCost[] {
    return [...this.#costs.values()];
  }

  /** Runs `work` as a part of `step`; the parts of a step add up. */
  async run<T>(step: string, rows: number, work: () => T | Promise<T>): Promise<T> {
    const before = this.#costs.get(step);
    if (before === undefined) {
      const done = this.#costs.size;
      this.#onProgress({ stage: "baseline", done, total: this.#total, note: step });
    }
    const start = performance.now();
    const result = await work();
    this.#costs.set(step, {
      step,
      seconds: (before?.seconds ?? 0) + (performance.now() - start) / 1000,
      rows: (before?.rows ?? 0) + rows,
      peakBytes: peakMemory(),
    });
    return result;
  }
}

/** Largest resident memory of this process, worker threads included, in bytes. */
export function peakMemory(): number {
  return process.resourceUsage().maxRSS * 1024;
}
