// The same training run on CPU and on WebGPU; in CI on Chromium's software Vulkan. Skipped, visibly, where no driver is found.

import { describe, expect, it } from "vitest";
import type { DeviceRun } from "./device-run.ts";
import { deviceRun } from "./device-run.ts";
import { webgpuRun } from "../support/webgpu-run.ts";
import { largestError } from "./evaluate.ts";

describe("a training run of 50 steps", () => {
  it(
    "has the same losses within 1e-4 on CPU and on WebGPU",
    { timeout: 240_000 },
    async (context) => {
      const gpu = webgpuRun<DeviceRun>(new URL("device-run.ts", import.meta.url), context);
      const cpu = await deviceRun("cpu");
      expect(gpu.losses).toHaveLength(50);
      const differences = gpu.losses.map((loss, i) => Math.abs(loss - cpu.losses[i]));
      expect(Math.max(...differences)).toBeLessThan(1e-4);
      gpu.weights.forEach((weights, i) => {
        expect(largestError(weights, cpu.weights[i])).toBeLessThan(1e-4);
      });
      expect(cpu.losses[49]).toBeLessThan(0.8 * cpu.losses[0]);
      process.stderr.write(
        `webgpu: largest difference of 50 losses ${Math.max(...differences).toExponential(1)}; ` +
          `ops on the CPU: ${gpu.fallbacks.join(", ") || "none"}\n`,
      );
    },
  );
});
