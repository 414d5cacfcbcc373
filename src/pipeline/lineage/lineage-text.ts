// A lineage as a tree of lines: files that are as written are counted, all others are named.

import type { FileNode, LineageNode } from "./node.ts";

/** One line a node, one more for each file that is not as it was written. */
export function lineageText(node: LineageNode): string {
  return linesOf(node).join("\n");
}

function linesOf(node: LineageNode): string[] {
  const others = node.files.filter(({ status }) => status !== "verified");
  const children = [
    ...others.map((file) => [fileLine(file)]),
    ...node.from.map((child) => linesOf(child)),
  ];
  return [
    headOf(node),
    ...children.flatMap((lines, i) => branch(lines, i + 1 === children.length)),
  ];
}

function headOf({ kind, id, detail, files }: LineageNode): string {
  const verified = files.filter(({ status }) => status === "verified").length;
  const all = files.length === 1 ? "1 file" : `${files.length} files`;
  const count = verified === files.length ? `${all} verified` : `${verified} of ${all} verified`;
  return `${kind} ${id} (${detail}): ${count}`;
}

function fileLine({ path, status, expected, found }: FileNode): string {
  const hashes =
    status === "changed" || status === "superseded"
      ? `: expected ${short(expected)}, found ${short(found)}`
      : "";
  return `${status.toUpperCase()} ${path}${hashes}`;
}

function short(hash: string | null): string {
  return hash !== null && /^[0-9a-f]{64}$/u.test(hash) ? hash.slice(0, 12) : (hash ?? "none");
}

function branch(lines: readonly string[], isLast: boolean): string[] {
  return lines.map((line, i) => {
    if (i === 0) return `${isLast ? "└─" : "├─"} ${line}`;
    return `${isLast ? "  " : "│ "} ${line}`;
  });
}
