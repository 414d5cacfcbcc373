// What a worker thread does for the quality gates: one check of a dataset on disk.

import type { Block } from "../workers/index.ts";
import { openDatasetFolder, type Dataset } from "./open.ts";
import { dataChecks, type Check } from "./quality.ts";

let opened: Dataset | undefined;

export function checkBlock(
  { start }: Block,
  { folder, since }: { readonly folder: string; readonly since: string | undefined },
): readonly Check[] {
  if (opened?.folder !== folder) opened = openDatasetFolder(folder, since);
  return dataChecks(opened.manifest)[start](opened);
}
