// The intermediate form between graph and ONNX: a list of ONNX nodes over values, with equal nodes emitted once.

import { ShapeError } from "../../errors.ts";
import type { DType, TensorData } from "../graph/dtype.ts";
import { dataFrom } from "../graph/dtype.ts";
import type { Shape } from "../graph/shape.ts";
import { sameShape } from "../graph/shape.ts";
import type { Tensor, TensorType } from "../graph/tensor.ts";

export type OnnxAttribute = number | string | readonly number[] | { readonly float: number };

export interface Value extends TensorType {
  readonly id: number;
  readonly name: string;
  /** Present on initialisers. */
  readonly data?: TensorData;
}

export interface Instruction {
  readonly type: string;
  readonly domain: "" | "com.microsoft";
  readonly inputs: readonly (Value | undefined)[];
  readonly outputs: readonly Value[];
  readonly attributes: Readonly<Record<string, OnnxAttribute>>;
}

export type Device = "cpu" | "webgpu" | "cuda";

/** What a program is lowered for; `portable` uses the standard's ops alone. */
export type Target = Device | "portable";

export interface EmitOptions {
  readonly attributes?: Readonly<Record<string, OnnxAttribute>>;
  readonly domain?: "com.microsoft";
}

/** Collects instructions; the same type, inputs and attributes give the same values (common subexpressions). */
export class Emitter {
  readonly target: Target;
  /** True where the program runs on one thread: additions into one place need no care. */
  readonly isSerial: boolean;
  readonly instructions: Instruction[] = [];
  readonly #lowered = new Map<Tensor, Value>();
  readonly #known = new Map<string, readonly Value[]>();
  #count = 0;

  constructor(target: Target, isSerial = false) {
    this.target = target;
    this.isSerial = isSerial;
  }

  /** True where ONNX Runtime has its own FusedMatMul: transposes and a factor without a pass over memory. */
  get hasFusedMatMul(): boolean {
    return this.target === "cpu" || this.target === "cuda";
  }

  /** Notes the value that a tensor became. */
  define(tensor: Tensor, value: Value): void {
    this.#lowered.set(tensor, value);
  }

  /** The value that a tensor became; every input of a node being lowered, and theirs, has one. */
  lowered(tensor: Tensor): Value {
    const value = this.#lowered.get(tensor);
    if (value === undefined)
      throw new ShapeError(`lowering: ${tensor.toString()} has no value yet`);
    return value;
  }

  value(type: TensorType, name?: string, data?: TensorData): Value {
    const id = this.#count++;
    const { shape, dtype } = type;
    return { id, name: name ?? `v${id}`, shape, dtype, ...(data === undefined ? {} : { data }) };
  }

  emit(
    type: string,
    inputs: readonly (Value | undefined)[],
    outputs: readonly TensorType[],
    { attributes = {}, domain }: EmitOptions = {},
  ): readonly Value[] {
    const ids = inputs.map((value) => value?.id ?? "").join(",");
    const key = `${type}(${ids})${JSON.stringify(attributes)}${outputs.map((o) => o.dtype).join()}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const values = outputs.map((output) => this.value(output));
    this.instructions.push({ type, domain: domain ?? "", inputs, outputs: values, attributes });
    this.#known.set(key, values);
    return values;
  }

  /** `emit` for the usual case of one output. */
  emitOne(
    type: string,
    inputs: readonly (Value | undefined)[],
    output: TensorType,
    options?: EmitOptions,
  ): Value {
    return this.emit(type, inputs, [output], options)[0];
  }

  /** An initialiser; small ones with equal bytes are shared. */
  initializer(data: TensorData, shape: Shape, dtype: DType): Value {
    if (data.byteLength > 1024) return this.value({ shape, dtype }, undefined, data);
    const key = `const ${dtype}[${shape.join()}]${data.join()}${signs(data)}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known[0];
    const value = this.value({ shape, dtype }, undefined, data);
    this.#known.set(key, [value]);
    return value;
  }

  /** A one-dimensional int64 initialiser: the axes, shapes and sizes that ONNX takes as inputs. */
  integers(values: readonly number[]): Value {
    return this.initializer(dataFrom("int64", values), [values.length], "int64");
  }

  scalar(value: number, dtype: DType = "float32"): Value {
    return this.initializer(dataFrom(dtype, [value]), [], dtype);
  }

  reshape(value: Value, shape: Shape): Value {
    if (sameShape(value.shape, shape)) return value;
    if (value.data !== undefined) return this.initializer(value.data, shape, value.dtype);
    return this.emitOne("Reshape", [value, this.integers(shape)], { shape, dtype: value.dtype });
  }
}

// Joins print -0 as 0: tell them apart.
function signs(data: TensorData): string {
  if (data instanceof BigInt64Array) return "";
  return Array.from(data, (value) => (Object.is(value, -0) ? "-" : "")).join();
}
