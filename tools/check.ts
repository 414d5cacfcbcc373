// `npm run check`: types, lint, format, layer order, unused code. Quiet when all is well.

import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { layerFaults } from "./layers.ts";

process.chdir(process.argv[2] ?? fileURLToPath(new URL("..", import.meta.url)));
const folders = ["src", "test", "bench", "tools"].filter((name) => existsSync(name));

const steps: readonly (readonly [name: string, command: string, args: readonly string[]])[] = [
  ["types", "tsc", ["-p", "."]],
  ["lint", "oxlint", ["--type-aware", "-c", ".oxlintrc.json", "--deny-warnings", ...folders]],
  ["format", "prettier", ["--check", "--log-level", "warn", "--cache", "."]],
  ["unused", "knip", ["--no-progress"]],
];

interface Outcome {
  readonly name: string;
  readonly ok: boolean;
  readonly output: string;
}

function run([name, command, args]: (typeof steps)[number]): Promise<Outcome> {
  return new Promise((settle) => {
    const child = spawn(command, args, { cwd: process.cwd(), stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (output += chunk.toString()));
    child.on("error", (error) => settle({ name, ok: false, output: error.message }));
    child.on("close", (code) => settle({ name, ok: code === 0, output }));
  });
}

function layers(): Outcome {
  const faults = layerFaults(process.cwd());
  const output = faults.map(({ file, message }) => `${file}: ${message}`).join("\n");
  return { name: "layers", ok: faults.length === 0, output };
}

const outcomes = [layers(), ...(await Promise.all(steps.map(run)))];
const failed = outcomes.filter(({ ok }) => !ok);
for (const { name, output } of failed) console.error(`${name}:\n${output.trimEnd()}\n`);
if (failed.length > 0) {
  console.error(`check failed: ${failed.map(({ name }) => name).join(", ")}`);
  process.exitCode = 1;
}
