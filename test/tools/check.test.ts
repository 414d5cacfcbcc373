import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const copied = [
  "package.json",
  "tsconfig.json",
  ".oxlintrc.json",
  ".prettierrc.json",
  ".prettierignore",
  ".gitignore",
  "knip.json",
  "vitest.config.ts",
];

let scratch = "";

beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), "gogooku3-check-"));
  for (const name of copied) cpSync(join(root, name), join(scratch, name));
  symlinkSync(join(root, "node_modules"), join(scratch, "node_modules"));
  mkdirSync(join(scratch, "src/calendar"), { recursive: true });
  mkdirSync(join(scratch, "src/ingest"), { recursive: true });
});

afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** Runs `check` over a scratch tree that holds just these files. */
function checkWith(files: Readonly<Record<string, string>>): string {
  rmSync(join(scratch, "src"), { recursive: true, force: true });
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(scratch, name, ".."), { recursive: true });
    writeFileSync(join(scratch, name), text);
  }
  const { stderr } = spawnSync("node", [join(root, "tools/check.ts"), scratch], {
    encoding: "utf8",
  });
  return stderr;
}

describe("npm run check refuses", () => {
  it("an import from a later stage", () => {
    const output = checkWith({
      "src/calendar/day.ts": 'export { fetchDay } from "../ingest/fetch.ts";\n',
      "src/ingest/fetch.ts": "export function fetchDay(): number {\n  return 1;\n}\n",
    });
    expect(output).toContain("calendar must not import ingest");
  });

  it("a cycle", () => {
    const output = checkWith({
      "src/calendar/a.ts": 'import { b } from "./b.ts";\nexport const a = (): number => b();\n',
      "src/calendar/b.ts": 'import { a } from "./a.ts";\nexport const b = (): number => a();\n',
    });
    expect(output).toContain("import(no-cycle)");
  });

  it("a floating promise", () => {
    const output = checkWith({
      "src/rng.ts":
        "async function go(): Promise<void> {}\n\nexport function start(): void {\n  go();\n}\n",
    });
    expect(output).toContain("no-floating-promises");
  });

  it("Math.random", () => {
    const output = checkWith({
      "src/rng.ts": "export function draw(): number {\n  return Math.random();\n}\n",
    });
    expect(output).toContain("no-restricted-properties");
  });

  it("new Date()", () => {
    const output = checkWith({
      "src/clock.ts": "export function now(): number {\n  return new Date().getTime();\n}\n",
    });
    expect(output).toContain("no-restricted-globals");
  });

  it("an export that nothing uses", () => {
    const output = checkWith({
      "src/cli.ts": 'import { used } from "./rng.ts";\n\nused();\n',
      "src/rng.ts": "export function used(): void {}\n\nexport function unused(): void {}\n",
    });
    expect(output).toContain("unused");
  });

  it("a type error and an unformatted line", () => {
    const output = checkWith({ "src/rng.ts": "export const  x: number = 'one'\n" });
    expect(output).toContain("TS2322");
    expect(output).toContain("check failed: types, format");
  });

  it("dependencies that nothing uses, and nothing else in a clean tree", () => {
    const output = checkWith({ "src/cli.ts": "process.exitCode = 0;\n" });
    expect(output).toMatch(/check failed: unused\n$/u);
  });
});
