// State that stays on the GPU between steps: each run's outputs are the next run's inputs; a second session reads it back.

import type { Tensor as OrtTensor } from "onnxruntime-node";
import { ConfigError } from "../../errors.ts";
import type { TensorData } from "../graph/dtype.ts";
import type { Leaf } from "../graph/tree.ts";
import type { Device } from "../lowering/emitter.ts";
import { Emitter } from "../lowering/emitter.ts";
import { encodeModel } from "../lowering/encode.ts";
import type { OpenSession, Wrap } from "./runtime.ts";
import { dataOf, openSession } from "./runtime.ts";
import type { StateValue, StepState } from "./state.ts";
import { checkedValues, firstValue } from "./state.ts";

interface Slot {
  readonly leaf: Leaf;
  tensor: OrtTensor;
  /** True where `tensor` is memory of the device, which must be given back. */
  isOnDevice: boolean;
}

/** The state of a step on `device`. */
export class DeviceState implements StepState {
  readonly #slots: readonly Slot[];
  readonly #wrap: Wrap;
  readonly #device: Device;
  #reader: OpenSession | undefined;

  constructor(leaves: readonly Leaf[], wrap: Wrap, device: Device) {
    this.#wrap = wrap;
    this.#device = device;
    this.#slots = leaves.map((leaf) => {
      const tensor = wrap(firstValue(leaf), leaf.tensor.shape).tensor;
      return { leaf, tensor, isOnDevice: false };
    });
  }

  readable(): readonly (readonly [string, OrtTensor])[] {
    return this.#slots.map(({ leaf, tensor }) => [leaf.path, tensor]);
  }

  writable(): undefined {
    return undefined;
  }

  advance(written: ReadonlyMap<string, OrtTensor>): void {
    for (const slot of this.#slots) {
      const tensor = written.get(slot.leaf.path);
      if (tensor !== undefined) replace(slot, tensor, true);
    }
  }

  discard(written: ReadonlyMap<string, OrtTensor>): void {
    for (const tensor of written.values()) tensor.dispose();
  }

  values(): readonly StateValue[] {
    throw new ConfigError("state: the state is on the device; use await step.download()");
  }

  async download(): Promise<readonly StateValue[]> {
    this.#reader ??= await this.#openReader();
    const feeds = Object.fromEntries(
      this.#slots.map(({ tensor }, i) => [`from${i}`, tensor] as const),
    );
    const results = await this.#reader.session.run(feeds);
    return this.#slots.map(({ leaf: { path, tensor } }, i) => {
      return { path, shape: tensor.shape, data: dataOf(results[`to${i}`], tensor.dtype) };
    });
  }

  load(values: readonly StateValue[]): void {
    const leaves = this.#slots.map(({ leaf }) => leaf);
    const loaded: readonly TensorData[] = checkedValues(leaves, values);
    this.#slots.forEach((slot, i) => {
      const { shape } = slot.leaf.tensor;
      replace(slot, this.#wrap(loaded[i].slice(), shape).tensor, false);
    });
  }

  async release(): Promise<void> {
    for (const { tensor, isOnDevice } of this.#slots) if (isOnDevice) tensor.dispose();
    await this.#reader?.session.release();
  }

  #openReader(): Promise<OpenSession> {
    const emitter = new Emitter(this.#device);
    const inputs = this.#slots.map(({ leaf }, i) => emitter.value(leaf.tensor, `from${i}`));
    const outputs = inputs.map((value, i) => emitter.value(value, `to${i}`));
    const instructions = inputs.map((value, i) => {
      return {
        type: "Identity",
        domain: "",
        inputs: [value],
        outputs: [outputs[i]],
        attributes: {},
      } as const;
    });
    const model = encodeModel({ instructions, inputs, outputs });
    return openSession(model, { device: this.#device, threads: 1 });
  }
}

function replace(slot: Slot, tensor: OrtTensor, isOnDevice: boolean): void {
  if (slot.isOnDevice) slot.tensor.dispose();
  slot.tensor = tensor;
  slot.isOnDevice = isOnDevice;
}
