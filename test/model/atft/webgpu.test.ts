// The whole network on WebGPU: a forecast and a training step equal those of the CPU. Skipped, visibly, where no driver is found.

import { describe, expect, it } from "vitest";
import { largestError } from "../../tensor/evaluate.ts";
import type { DeviceRun } from "./device-run.ts";
import { deviceRun } from "./device-run.ts";
import { webgpuRun } from "../../support/webgpu-run.ts";

describe("the network on WebGPU", () => {
  it(
    "forecasts and takes a training step like on the CPU, within 1e-4",
    { timeout: 300_000 },
    async (context) => {
      const gpu = webgpuRun<DeviceRun>(new URL("device-run.ts", import.meta.url), context);
      const cpu = await deviceRun("cpu");
      expect(gpu.quantiles).toHaveLength(cpu.quantiles.length);
      expect(largestError(gpu.quantiles, cpu.quantiles)).toBeLessThan(1e-4);
      expect(largestError([gpu.loss, gpu.norm], [cpu.loss, cpu.norm])).toBeLessThan(1e-4);
      expect(cpu.moment.length).toBeGreaterThan(1000);
      expect(largestError(gpu.moment, cpu.moment)).toBeLessThan(1e-4);
      expect(gpu.fallbacks).toEqual(["IsNaN", "Sign"]);
    },
  );
});
