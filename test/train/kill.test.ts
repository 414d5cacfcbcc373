// Signal 9 at random moments of every phase and within the writing of checkpoints: the end is that of an undisturbed run.

import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hashBytes } from "../../src/hash.ts";
import { createRng } from "../../src/rng.ts";
import { decodeSafetensors } from "../../src/tensor/files/index.ts";
import type { TensorData } from "../../src/tensor/index.ts";

const script = fileURLToPath(new URL("kill-in-process.ts", import.meta.url));
const home = mkdtempSync(join(tmpdir(), "kill-"));
const rng = createRng(Number(process.pid));

interface Run {
  /** Number of the last update that was told of. */
  readonly updates: number;
  readonly signal: string | null;
}

interface RunOptions {
  readonly point?: string;
  readonly count?: number;
  /** Kills the process some milliseconds after this update. */
  readonly update?: number;
}

/** Trains in `folder` until the end or a kill. */
async function train(folder: string, options: RunOptions = {}): Promise<Run> {
  const { point = "never", count = 1, update = Infinity } = options;
  const child = spawn(process.execPath, [script, folder, point, String(count)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let updates = 0;
  let isDoomed = false;
  child.stdout.on("data", (text: Buffer) => {
    updates = Number(text.toString().trim().split("\n").at(-1));
    if (isDoomed || updates < update) return;
    isDoomed = true;
    void sleep(rng.integer(40)).then(() => child.kill("SIGKILL"));
  });
  const signal = await new Promise<string | null>((resolve) => {
    child.once("close", (_, name) => {
      resolve(name);
    });
  });
  return { updates, signal };
}

/** Hash of every file of a checkpoint folder: all bytes, but without what `last` says about seconds. */
function contentOf(folder: string): Readonly<Record<string, string>> {
  const entries = readdirSync(folder).map((name) => {
    const bytes = readFileSync(join(folder, name));
    if (name !== "last.safetensors") return [name, hashBytes(bytes)] as const;
    const { tensors, metadata } = decodeSafetensors(bytes, name);
    const progress = metadata["progress"].replaceAll(/"(?:seconds|outside)":[^,}]*/gu, "");
    const floats = tensors.map(({ path, data }) => `${path}=${hashBytes(bytesOf(data))}`);
    return [name, hashBytes(Buffer.from([...floats, progress].join("\n")))] as const;
  });
  return Object.fromEntries(entries);
}

function bytesOf({ buffer, byteOffset, byteLength }: TensorData): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

let whole: Readonly<Record<string, string>>;
/** Updates of the undisturbed run; the phases take a sixth, a third, a sixth, a third of them. */
let updates = 0;

beforeAll(async () => {
  const folder = join(home, "whole");
  const run = await train(folder);
  expect(run.signal).toBeNull();
  whole = contentOf(folder);
  ({ updates } = run);
}, 120_000);

afterAll(() => {
  rmSync(home, { recursive: true, force: true });
});

describe.concurrent("a training killed with signal 9", () => {
  it("leaves best, last, average and snapshots when nothing kills it", () => {
    const names = Object.keys(whole).map((name) => name.replace(/-\d+/u, ""));
    expect(new Set(names)).toEqual(
      new Set(["best", "last", "snapshot", "swa"].map((name) => `${name}.safetensors`)),
    );
  });

  it("in every phase ends with the files of an undisturbed run", { timeout: 600_000 }, async () => {
    const folder = join(home, "phases");
    for (const start of [0, 1 / 6, 1 / 2, 2 / 3]) {
      const update = Math.ceil((start + rng.uniform() / 6) * updates);
      expect((await train(folder, { update })).signal).toBe("SIGKILL");
    }
    expect((await train(folder)).signal).toBeNull();
    expect(contentOf(folder)).toEqual(whole);
  });

  it(
    "while it writes checkpoints ends with the files of an undisturbed run",
    { timeout: 600_000 },
    async () => {
      const folder = join(home, "writes");
      for (const point of ["write", "rename", "renamed"]) {
        const { signal } = await train(folder, { point, count: 1 + rng.integer(4) });
        expect(signal).toBe("SIGKILL");
      }
      expect((await train(folder)).signal).toBeNull();
      expect(contentOf(folder)).toEqual(whole);
    },
  );
});
