// The whole network on WebGPU: a forecast and a training step equal those of the CPU. Skipped, visibly, where no driver is found.

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { largestError } from "../../tensor/evaluate.ts";
import type { DeviceRun } from "./device-run.ts";
import { deviceRun } from "./device-run.ts";

const chromium = "/usr/lib/chromium";
const software = `${chromium}/vk_swiftshader_icd.json`;

/** Vulkan's loader reads its environment once, so a child process gets it. */
function runOnWebgpu(): DeviceRun | string {
  const env = existsSync(software)
    ? { VK_ICD_FILENAMES: software, LD_LIBRARY_PATH: chromium, ...process.env }
    : process.env;
  const script = new URL("device-run.ts", import.meta.url).pathname;
  const options = { env, encoding: "utf8", maxBuffer: 2 ** 26 } as const;
  const child = spawnSync(process.execPath, [script, "webgpu"], options);
  if (child.status === 0) return JSON.parse(child.stdout);
  const reason = /device "webgpu" is not available \(.*?\)/u.exec(child.stderr);
  if (reason === null) throw new Error(`the run on WebGPU failed:\n${child.stderr}`);
  return reason[0];
}

describe("the network on WebGPU", () => {
  it(
    "forecasts and takes a training step like on the CPU, within 1e-4",
    { timeout: 300_000 },
    async (context) => {
      const gpu = runOnWebgpu();
      if (typeof gpu === "string") {
        process.stderr.write(`SKIPPED webgpu: ${gpu.slice(0, 200)}\n`);
        context.skip("no Vulkan driver");
        return;
      }
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
