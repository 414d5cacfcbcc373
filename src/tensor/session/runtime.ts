// The one door to ONNX Runtime: opens sessions on a named device and turns its failures into errors with a way out.

import type * as Runtime from "onnxruntime-node";
import type { InferenceSession, Tensor as OrtTensor } from "onnxruntime-node";
import type { DType, TensorData } from "../graph/dtype.ts";
import type { Shape } from "../graph/shape.ts";
import { ConfigError, ShapeError } from "../../errors.ts";
import type { Device } from "../lowering/emitter.ts";

export interface SessionOptions {
  readonly device: Device;
  /** Threads within an op; 0 takes one a physical core. */
  readonly threads: number;
  /** Outputs that stay on the device. */
  readonly kept?: readonly string[];
  /** A path prefix: ONNX Runtime's profiler writes there. */
  readonly profilePrefix?: string;
}

/** Typed data and the tensor of ONNX Runtime that is a view of it. */
export interface Buffer {
  readonly data: TensorData;
  readonly tensor: OrtTensor;
}

export type Wrap = (data: TensorData, shape: Shape) => Buffer;

export interface OpenSession {
  readonly session: InferenceSession;
  readonly wrap: Wrap;
}

const devices: readonly Device[] = ["cpu", "webgpu", "cuda"];

/** Opens a session. Throws ConfigError for a device that is unknown, not in this build or not on this machine. */
export async function openSession(
  model: Uint8Array,
  { device, threads, kept = [], profilePrefix }: SessionOptions,
): Promise<OpenSession> {
  await checkDevice(device);
  const options: InferenceSession.SessionOptions = {
    executionProviders: device === "cpu" ? ["cpu"] : [device, "cpu"],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: "sequential",
    graphOptimizationLevel: device === "cpu" ? "extended" : "basic",
    logSeverityLevel: 4,
    // Threads that wait sleep: with spinning, two took a core more from other work and gained nothing (docs/tensor.md).
    extra: { "session.intra_op.allow_spinning": "0" },
    ...(kept.length === 0 ? {} : { preferredOutputLocation: locations(kept) }),
    ...(profilePrefix === undefined
      ? {}
      : { enableProfiling: true, profileFilePrefix: profilePrefix }),
  };
  const ort = await loadRuntime();
  try {
    const session = await ort.InferenceSession.create(model, options);
    return { session, wrap: (data, shape) => ({ data, tensor: wrapData(data, shape, ort) }) };
  } catch (cause) {
    throw device === "cpu" ? cause : unavailable(device, cause);
  }
}

function wrapData(data: TensorData, shape: Shape, { Tensor }: typeof Runtime): OrtTensor {
  if (data instanceof Float32Array) return new Tensor("float32", data, shape);
  if (data instanceof Int32Array) return new Tensor("int32", data, shape);
  if (data instanceof BigInt64Array) return new Tensor("int64", data, shape);
  if (data instanceof Uint8Array) return new Tensor("bool", data, shape);
  // The native binding reads float16 from a Uint16Array, which the class Tensor turns into a Float16Array: hide it from there.
  const bits = new Uint16Array(data.buffer, data.byteOffset, data.length);
  const tensor = new Tensor("float16", bits, shape);
  return Object.defineProperty(tensor, "data", { value: bits });
}

function locations(kept: readonly string[]): Readonly<Record<string, "gpu-buffer">> {
  return Object.fromEntries(kept.map((name) => [name, "gpu-buffer"]));
}

/** The typed data of a tensor in host memory. */
export function dataOf({ data, type }: OrtTensor, dtype: DType): TensorData {
  if (dtype === "float16" && data instanceof Uint16Array) {
    return new Float16Array(data.buffer, data.byteOffset, data.length);
  }
  if (
    data instanceof Float32Array ||
    data instanceof Float16Array ||
    data instanceof Int32Array ||
    data instanceof BigInt64Array ||
    data instanceof Uint8Array
  ) {
    return data;
  }
  throw new ShapeError(`run: a tensor of ${type} has no typed array of ${dtype}`);
}

async function loadRuntime(): Promise<typeof Runtime> {
  try {
    const module = await import("onnxruntime-node");
    module.env.logLevel = "fatal"; // what fails is thrown; the native log would print it once more
    return module;
  } catch (cause) {
    throw new ConfigError(
      "tensor: onnxruntime-node does not load; run npm ci on Linux (x64, arm64), macOS (arm64) or Windows",
      { cause },
    );
  }
}

async function checkDevice(device: Device): Promise<void> {
  if (!devices.includes(device)) {
    throw new ConfigError(`tensor: device must be one of ${devices.join(", ")}, found "${device}"`);
  }
  const { listSupportedBackends } = await loadRuntime();
  const built = listSupportedBackends().map(({ name }) => name);
  if (!built.includes(device)) throw unavailable(device, undefined);
}

function unavailable(device: Device, cause: unknown): ConfigError {
  const wayOut =
    device === "cuda"
      ? "install onnxruntime-node with its CUDA libraries (ONNXRUNTIME_NODE_INSTALL=cuda12) and CUDA 12"
      : "install a Vulkan driver, or name one in VK_ICD_FILENAMES";
  const found = cause instanceof Error ? cause.message.split("\n")[0] : "not in this build";
  return new ConfigError(
    `tensor: device "${device}" is not available (${found}); ${wayOut}, or use device "cpu"`,
    { cause },
  );
}
