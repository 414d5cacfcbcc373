// A training of four phases in a process of its own, for tests that kill it: `folder`, and where it kills itself: half-way through
// writing a checkpoint ("write"), before it is renamed ("rename") or right after ("renamed"), the `count`th time. Prints the number
// of each update since the training began.

import { existsSync, readFileSync } from "node:fs";
import files from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { join } from "node:path";
import { atftPreset } from "../../src/model/atft/index.ts";
import { decodeSafetensors } from "../../src/tensor/files/index.ts";
import { plantedSamples } from "./planted.ts";
import { smallTraining } from "./small-training.ts";

const [folder, point, count] = process.argv.slice(2);
let left = Number(count);

function dieAt(name: string): void {
  if (name !== point) return;
  left -= 1;
  if (left === 0) process.kill(process.pid, "SIGKILL");
}

const { open, rename } = files;
files.open = async (path, flags, mode) => {
  const handle = await open(path, flags, mode);
  if (flags !== "w") return handle;
  const writeFile = handle.writeFile.bind(handle);
  handle.writeFile = async (data) => {
    const bytes = Buffer.from(data as Uint8Array);
    await handle.write(bytes, 0, bytes.length >> 1);
    dieAt("write");
    await writeFile(bytes.subarray(bytes.length >> 1));
  };
  return handle;
};
files.rename = async (from, to) => {
  dieAt("rename");
  await rename(from, to);
  dieAt("renamed");
};
syncBuiltinESMExports();

const phase = { rate: 1e-3, normalisation: true, graph: true };
const phases = [
  { ...phase, name: "baseline", normalisation: false, graph: false, weights: { quantile: 1 } },
  { ...phase, name: "adaptive_norm", graph: false, weights: { quantile: 1, rank: 0.1, ic: 0.05 } },
  { ...phase, name: "gat", weights: { quantile: 0.7, rank: 0.2, ic: 0.15, sharpe: 0.1 } },
  { ...phase, name: "finetune", weights: { quantile: 0.5, rank: 0.2, ic: 0.15, sharpe: 0.3 } },
].map((each, i) => ({ ...each, epochs: 1 + (i % 2) }));
const last = join(folder, "last.safetensors");
let updates = existsSync(last) ? updatesOf(last) : 0;
const { hidden, heads, dropout } = atftPreset("smoke");
await smallTraining(folder, {
  samples: plantedSamples({ sessions: 70, stocks: 8, config: { hidden, heads, dropout } }),
  config: { phases, swaEpochs: 2, snapshots: 2 },
  onStep: () => {
    updates += 1;
    process.stdout.write(`${updates}\n`);
  },
});

/** Updates that a checkpoint has behind it. */
function updatesOf(path: string): number {
  const { metadata } = decodeSafetensors(readFileSync(path), path);
  const progress: unknown = JSON.parse(metadata["progress"] ?? "");
  if (typeof progress === "object" && progress !== null && "steps" in progress) {
    return Number(progress.steps);
  }
  throw new Error(`${path}: no steps in its progress`);
}
