// The code on docs/tensor.md runs as it stands and trains.

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";

it("the page's network of thirty lines trains", () => {
  const root = new URL("../../", import.meta.url);
  const page = readFileSync(new URL("docs/tensor.md", root), "utf8");
  const [, code] = /```ts\n(import[\s\S]*?)```/.exec(page) ?? [];
  const runnable = code.replace('"gogooku3"', '"./src/rng.ts"');
  const child = spawnSync(process.execPath, ["--input-type=module-typescript", "-e", runnable], {
    cwd: root,
    encoding: "utf8",
  });
  expect(child.stderr).toBe("");
  const losses = child.stdout
    .trim()
    .split("\n")
    .map((line) => Number(line.split(" ")[1]));
  expect(losses).toHaveLength(3);
  expect(losses[2]).toBeLessThan(0.1);
  expect(losses[2]).toBeLessThan(losses[0]);
});
