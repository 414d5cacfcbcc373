// What a worker thread does for the quality gates: one check of a dataset on disk.

import type { Block } from "../workers/index.ts";
import { openDatasetFolder, type Dataset } from "./open.ts";
import { dataChecks, type Check } from "./quality.ts";

let opened: Dataset | undefined;

export function checkBlock(
  { start }: Block,
  { folder }: { readonly folder: string },
): readonly Check[] {
  if (opened?.folder !== folder) opened = openDatasetFolder(folder);
  return dataChecks(opened.manifest)[start](opened);
}
