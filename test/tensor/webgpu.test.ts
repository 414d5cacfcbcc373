// The same training run on CPU and on WebGPU; in CI on Chromium's software Vulkan. Skipped, visibly, where no driver is found.

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { DeviceRun } from "./device-run.ts";
import { deviceRun } from "./device-run.ts";
import { largestError } from "./evaluate.ts";

const chromium = "/usr/lib/chromium";
const software = `${chromium}/vk_swiftshader_icd.json`;

/** Vulkan's loader reads its environment once, so a child process gets it. */
function runOnWebgpu(): DeviceRun | string {
  const env = existsSync(software)
    ? { VK_ICD_FILENAMES: software, LD_LIBRARY_PATH: chromium, ...process.env }
    : process.env;
  const script = new URL("device-run.ts", import.meta.url).pathname;
  const child = spawnSync(process.execPath, [script, "webgpu"], { env, encoding: "utf8" });
  if (child.status === 0) return JSON.parse(child.stdout);
  const reason = /device "webgpu" is not available \(.*?\)/.exec(child.stderr);
  if (reason === null) throw new Error(`the run on WebGPU failed:\n${child.stderr}`);
  return reason[0];
}

describe("a training run of 50 steps", () => {
  it(
    "has the same losses within 1e-4 on CPU and on WebGPU",
    { timeout: 240_000 },
    async (context) => {
      const gpu = runOnWebgpu();
      if (typeof gpu === "string") {
        process.stderr.write(`SKIPPED webgpu: ${gpu.slice(0, 200)}\n`);
        context.skip("no Vulkan driver");
        return;
      }
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
