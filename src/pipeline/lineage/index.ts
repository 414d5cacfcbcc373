// Lineage: what something was made from, back to the raw files, every hash compared on the way.

export { lineageText } from "./lineage-text.ts";
export { brokenFiles, type LineageNode } from "./node.ts";
export { traceLineage } from "./trace.ts";
