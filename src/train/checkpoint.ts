// Checkpoints of a fold: last (everything, to go on bit for bit), best and snapshots (weights to forecast with).

import { existsSync } from "node:fs";
import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { ArtifactError } from "../errors.ts";
import { publishFile, removeTemporaries } from "../publish.ts";
import type { StateValue } from "../tensor/index.ts";
import type { Expected } from "../tensor/files/index.ts";
import {
  decodeSafetensors,
  encodeSafetensors,
  requireMetadata,
  requireTensors,
} from "../tensor/files/index.ts";
import type { Progress } from "./progress.ts";
import { progressSchema } from "./progress.ts";

/** What a checkpoint must agree with: the first that differs is named. */
export type Identity = Readonly<{
  format: string;
  abi: string;
  horizons: string;
  config: string;
  data: string;
}>;

export const checkpointFormat = "gogooku3-checkpoint-1";

export interface Resumed {
  readonly progress: Progress;
  readonly state: readonly StateValue[];
  /** Weights averaged so far (SWA). */
  readonly averaged: readonly StateValue[];
}

/** The checkpoint folder of one fold. */
export class CheckpointStore {
  readonly folder: string;
  readonly #identity: Identity;

  constructor(folder: string, identity: Identity) {
    this.folder = folder;
    this.#identity = identity;
  }

  /** Publishes `last`: after a kill at any byte there is this one or the one before. */
  async saveLast({ progress, state, averaged }: Resumed): Promise<void> {
    const tensors = [
      ...state,
      ...averaged.map((value) => ({ ...value, path: `swa.${value.path}` })),
    ];
    await this.#write("last", tensors, { progress: JSON.stringify(progress) });
  }

  /** The last checkpoint, or undefined where there is none; what a kill left half written is removed. Throws ArtifactError where it is of other data or configuration. */
  async resume(expected: readonly Expected[]): Promise<Resumed | undefined> {
    const path = this.#path("last");
    if (existsSync(this.folder)) await removeTemporaries(this.folder);
    if (!existsSync(path)) return undefined;
    const file = decodeSafetensors(await readFile(path), path);
    requireMetadata(file, this.#identity, path);
    const isAverage = ({ path: name }: StateValue): boolean => name.startsWith("swa.");
    const state = file.tensors.filter((value) => !isAverage(value));
    requireTensors({ ...file, tensors: state }, expected, path);
    const averaged = file.tensors
      .filter(isAverage)
      .map((value) => ({ ...value, path: value.path.slice(4) }));
    return { progress: parseProgress(file.metadata["progress"], path), state, averaged };
  }

  /** Publishes weights under a name: "best", "swa", "snapshot-012". */
  async saveWeights(
    name: string,
    weights: readonly StateValue[],
    notes: Readonly<Record<string, string>>,
  ): Promise<void> {
    await this.#write(name, weights, notes);
  }

  /** Weights and notes saved under a name. Throws ArtifactError where they are missing or of another configuration. */
  async loadWeights(
    name: string,
  ): Promise<{ weights: readonly StateValue[]; notes: Readonly<Record<string, string>> }> {
    const path = this.#path(name);
    if (!existsSync(path)) {
      throw new ArtifactError(`${path}: not found; the fold has not been trained yet`);
    }
    const file = decodeSafetensors(await readFile(path), path);
    requireMetadata(file, this.#identity, path);
    return { weights: file.tensors, notes: file.metadata };
  }

  has(name: string): boolean {
    return existsSync(this.#path(name));
  }

  /** Names of the snapshots, oldest first. */
  async snapshots(): Promise<string[]> {
    if (!existsSync(this.folder)) return [];
    const names = await readdir(this.folder);
    return names
      .filter((name) => name.startsWith("snapshot-") && name.endsWith(".safetensors"))
      .map((name) => name.slice(0, -".safetensors".length))
      .sort();
  }

  async remove(name: string): Promise<void> {
    await rm(this.#path(name), { force: true });
  }

  async #write(
    name: string,
    tensors: readonly StateValue[],
    notes: Readonly<Record<string, string>>,
  ): Promise<void> {
    await publishFile(
      this.#path(name),
      encodeSafetensors(tensors, { ...this.#identity, ...notes }),
    );
  }

  #path(name: string): string {
    return join(this.folder, `${name}.safetensors`);
  }
}

function parseProgress(text: string | undefined, path: string): Progress {
  const parsed = progressSchema.safeParse(JSON.parse(text ?? "null"));
  if (parsed.success) return parsed.data;
  throw new ArtifactError(`${path}: its progress is not of this version; train again`);
}
