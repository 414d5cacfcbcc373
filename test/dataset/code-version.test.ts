// The version of the code follows the source: months made by other code are not taken over.

import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { decidingFolders, sourceVersion } from "../../src/dataset/code-version.ts";

const home = mkdtempSync(join(tmpdir(), "gogooku3-version-"));
afterAll(() => rmSync(home, { recursive: true }));

function copyOfSource(name: string): string {
  const root = join(home, name, "src");
  for (const folder of decidingFolders) {
    mkdirSync(join(root, folder), { recursive: true });
    writeFileSync(join(root, folder, "formula.ts"), `export const ${folder} = 1;\n`);
  }
  cpSync(new URL("../../package.json", import.meta.url), join(home, name, "package.json"));
  return root;
}

describe("sourceVersion", () => {
  test("names the release and is the same for the same source, wherever it lies", () => {
    const version = sourceVersion(copyOfSource("one"));
    expect(version).toMatch(/^\d+\.\d+\.\d+\+[0-9a-f]{12}$/u);
    expect(sourceVersion(copyOfSource("two"))).toBe(version);
  });

  test("changes with one character of a formula, and not with what is no code", () => {
    const root = copyOfSource("three");
    const before = sourceVersion(root);
    writeFileSync(join(root, "features", "notes.md"), "no code");
    expect(sourceVersion(root)).toBe(before);
    writeFileSync(join(root, "features", "formula.ts"), "export const features = 2;\n");
    expect(sourceVersion(root)).not.toBe(before);
  });
});
