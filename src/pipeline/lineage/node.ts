// A tree of what something was made from; each file of it compared with the hash that was kept when it was written.

import { existsSync } from "node:fs";
import { relative } from "node:path";
import { hashFile } from "../../hash.ts";

/**
 * verified: as written. superseded: a later ingest replaced the month, as the lake's manifest says. changed, gone: neither.
 * unrecorded: no hash was kept for it.
 */
export type LineageStatus = "verified" | "superseded" | "unrecorded" | "changed" | "gone";

export type LineageKind =
  "night" | "forecast" | "report" | "model" | "run" | "dataset" | "table" | "file";

export interface LineageNode {
  readonly kind: LineageKind;
  readonly id: string;
  /** The worst of its own files; what it was made from has its own. */
  readonly status: LineageStatus;
  readonly detail: string;
  readonly files: readonly FileNode[];
  readonly from: readonly LineageNode[];
}

export interface FileNode {
  /** Path under the home folder. */
  readonly path: string;
  readonly status: LineageStatus;
  /** Hash that was kept, and the one found where it is another; null where there is none. */
  readonly expected: string | null;
  readonly found: string | null;
}

const severity: readonly LineageStatus[] = [
  "verified",
  "superseded",
  "unrecorded",
  "changed",
  "gone",
];

/** The worst status; verified for no files. */
export function worst(files: readonly Pick<FileNode, "status">[]): LineageStatus {
  const level = Math.max(0, ...files.map(({ status }) => severity.indexOf(status)));
  return severity[level];
}

/** Hashes files, each once. */
export class Verifier {
  readonly home: string;
  readonly #hashes = new Map<string, Promise<string>>();

  constructor(home: string) {
    this.home = home;
  }

  /** SHA-256 of a file; null where it is not there. */
  async hash(path: string): Promise<string | null> {
    if (!existsSync(path)) return null;
    const known = this.#hashes.get(path) ?? hashFile(path);
    this.#hashes.set(path, known);
    return known;
  }

  async file(path: string, expected: string | undefined): Promise<FileNode> {
    const found = await this.hash(path);
    return this.compared(path, expected, found);
  }

  /** A file whose hash, of any kind, is known already. */
  compared(path: string, expected: string | undefined, found: string | null): FileNode {
    const name = relative(this.home, path);
    if (found === null) {
      return { path: name, status: "gone", expected: expected ?? null, found };
    }
    if (expected === undefined) return { path: name, status: "unrecorded", expected: null, found };
    return { path: name, status: found === expected ? "verified" : "changed", expected, found };
  }
}

/** Every file of the tree that is changed or gone. */
export function brokenFiles(node: LineageNode): FileNode[] {
  const own = node.files.filter(({ status }) => status === "changed" || status === "gone");
  return [...own, ...node.from.flatMap(brokenFiles)];
}
