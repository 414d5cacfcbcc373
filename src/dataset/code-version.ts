// The version of the code that decides a dataset's bytes: the package's, and a hash of the source files themselves.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { hashValue } from "../hash.ts";

/** Folders beside this one whose code shapes a dataset or what transforms make of it. */
export const decidingFolders: readonly string[] = [
  "calendar",
  "panel",
  "stats",
  "graph",
  "lake",
  "features",
  "dataset",
];

/** "0.1.0+3f2a9c41d07e": another release, or another byte of the deciding source, is another version. */
export function sourceVersion(root: string = join(import.meta.dirname, "..")): string {
  const sources = decidingFolders.flatMap((folder) => sourceFiles(join(root, folder)));
  const contents = sources.map((path) => [path.slice(root.length), readFileSync(path, "utf8")]);
  const packaged: unknown = JSON.parse(readFileSync(join(root, "..", "package.json"), "utf8"));
  const { version } = z.object({ version: z.string() }).parse(packaged);
  return `${version}+${hashValue(contents).slice(0, 12)}`;
}

function sourceFiles(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => /(?<!\.d)\.[jt]s$/u.test(name))
    .toSorted()
    .map((name) => join(folder, name));
}
