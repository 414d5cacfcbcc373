// The latest dataset, for those who would else build the very same one again.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { isoDate } from "../calendar/index.ts";
import {
  codeVersion,
  type Dataset,
  datasetFolder,
  openDataset,
  readDatasetManifest,
} from "../dataset/index.ts";
import type { Lake } from "../lake/index.ts";

export interface DatasetSpan {
  readonly selection: string;
  /** Epoch days of the first and the last session. */
  readonly from: number;
  readonly to: number;
}

/** The latest dataset when it is of this selection and span, from the lake as it is, by the code as it is; else undefined. */
export function latestDataset(
  home: string,
  lake: Lake,
  { selection, from, to }: DatasetSpan,
): Dataset | undefined {
  if (!existsSync(join(home, "datasets", "latest"))) return undefined;
  const manifest = readDatasetManifest(datasetFolder(home, "latest"));
  const isSame =
    manifest.lakeHash === lake.hash() &&
    manifest.codeVersion === codeVersion &&
    manifest.selection === selection &&
    manifest.from === isoDate(from) &&
    manifest.to === isoDate(to);
  return isSame ? openDataset(home, manifest.id) : undefined;
}
