// The one door to ONNX Runtime: opens sessions on a named device and turns its failures into errors with a way out.

import type * as Runtime from "onnxruntime-node";
import type { InferenceSession, Tensor as OrtTensor } from "onnxruntime-node";
import type { TensorData } from "../graph/dtype.ts";
import { dtypeOf } from "../graph/dtype.ts";
import type { Shape } from "../graph/shape.ts";
import { ConfigError } from "../../errors.ts";
import type { Device } from "../lowering/emitter.ts";

export interface SessionOptions {
  readonly device: Device;
  /** Threads within an op; 0 takes one a physical core. */
  readonly threads: number;
  /** A path prefix: ONNX Runtime's profiler writes there. */
  readonly profilePrefix?: string;
}

/** An open session, and how its runtime wraps typed data as a tensor: nothing is copied. */
export interface OpenSession {
  readonly session: InferenceSession;
  readonly wrap: (data: TensorData, shape: Shape) => OrtTensor;
}

const devices: readonly Device[] = ["cpu", "webgpu", "cuda"];

/** Opens a session. Throws ConfigError for a device that is unknown, not in this build or not on this machine. */
export async function openSession(
  model: Uint8Array,
  { device, threads, profilePrefix }: SessionOptions,
): Promise<OpenSession> {
  await checkDevice(device);
  const options: InferenceSession.SessionOptions = {
    executionProviders: device === "cpu" ? ["cpu"] : [device, "cpu"],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: "sequential",
    graphOptimizationLevel: device === "cpu" ? "extended" : "basic",
    logSeverityLevel: 4,
    ...(profilePrefix === undefined
      ? {}
      : { enableProfiling: true, profileFilePrefix: profilePrefix }),
  };
  const { InferenceSession: sessions, Tensor } = await loadRuntime();
  try {
    const session = await sessions.create(model, options);
    return {
      session,
      wrap: (data, shape) => new Tensor(dtypeOf(data) as "float32", data as Float32Array, shape),
    };
  } catch (cause) {
    throw device === "cpu" ? cause : unavailable(device, cause);
  }
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
