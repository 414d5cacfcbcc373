import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { isTemporary, publishFile, publishWith, removeTemporaries } from "../src/publish.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "publish-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

test("a published file replaces the old one, in folders that are made for it", async () => {
  const path = join(folder, "a", "b", "file");
  await publishFile(path, "old");
  await publishFile(path, new TextEncoder().encode("new"));
  expect(readFileSync(path, "utf8")).toBe("new");
  expect(readdirSync(join(folder, "a", "b"))).toEqual(["file"]);
});

test("a folder is published as a whole", async () => {
  await publishWith(join(folder, "dataset"), async (temporary) => {
    expect(isTemporary(temporary.split("/").at(-1) ?? "")).toBe(true);
    await mkdir(temporary);
    await writeFile(join(temporary, "part"), "1");
    expect(readdirSync(folder)).not.toContain("dataset");
  });
  expect(readFileSync(join(folder, "dataset", "part"), "utf8")).toBe("1");
});

test("a writer that fails leaves the old file and nothing beside it, and its error comes through", async () => {
  const path = join(folder, "file");
  await publishFile(path, "old");
  const failing = publishWith(path, async (temporary) => {
    await writeFile(temporary, "half");
    throw new Error("disk full");
  });
  await expect(failing).rejects.toThrow("disk full");
  expect(readFileSync(path, "utf8")).toBe("old");
  expect(readdirSync(folder)).toEqual(["file"]);
});

test("whoever reads while files are published over each other sees one of them whole", async () => {
  const path = join(folder, "file");
  const contents = ["a", "b"].map((letter) => letter.repeat(200_000));
  await publishFile(path, contents[0]);
  let isDone = false;
  const writing = (async () => {
    for (let i = 0; i < 20; i += 1) await publishFile(path, contents[i % 2]);
    isDone = true;
  })();
  while (!isDone) {
    expect(contents).toContain(readFileSync(path, "utf8"));
    await new Promise((resolve) => setImmediate(resolve));
  }
  await writing;
});

test("a writer that is killed leaves the old file, and removeTemporaries clears what it left", async () => {
  const path = join(folder, "file");
  await publishFile(path, "old");
  const module = new URL("../src/publish.ts", import.meta.url).href;
  const program = `
    import { writeFileSync } from "node:fs";
    const { publishWith } = await import(${JSON.stringify(module)});
    await publishWith(${JSON.stringify(path)}, async (temporary) => {
      writeFileSync(temporary, "half");
      console.log("half written");
      await new Promise((resolve) => setTimeout(resolve, 60_000));
    });`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", program]);
  await once(child.stdout, "data");
  child.kill("SIGKILL");
  await once(child, "exit");
  expect(readFileSync(path, "utf8")).toBe("old");
  expect(readdirSync(folder).filter(isTemporary)).toHaveLength(1);
  await removeTemporaries(folder);
  expect(readdirSync(folder)).toEqual(["file"]);
});
