// A script of its own process on WebGPU: Vulkan's loader reads its environment once.

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import type { TestContext } from "vitest";

const chromium = "/usr/lib/chromium";
const software = `${chromium}/vk_swiftshader_icd.json`;

/** What the script prints as JSON; the test is skipped, visibly, where no driver is found. In CI it runs on Chromium's software driver. */
export function webgpuRun<T>(script: URL, context: TestContext): T {
  const env = existsSync(software)
    ? { VK_ICD_FILENAMES: software, LD_LIBRARY_PATH: chromium, ...process.env }
    : process.env;
  const options = { env, encoding: "utf8", maxBuffer: 2 ** 26 } as const;
  const child = spawnSync(process.execPath, [script.pathname, "webgpu"], options);
  if (child.status === 0) return JSON.parse(child.stdout);
  const reason = /device "webgpu" is not available \(.*?\)/u.exec(child.stderr);
  if (reason === null) throw new Error(`the run on WebGPU failed:\n${child.stderr}`);
  process.stderr.write(`SKIPPED webgpu: ${reason[0].slice(0, 200)}\n`);
  return context.skip("no Vulkan driver");
}
