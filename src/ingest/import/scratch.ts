// A folder for the time of one import, removed afterwards.

import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Lake } from "../../lake/index.ts";

export async function withScratch<T>(lake: Lake, work: (folder: string) => Promise<T>): Promise<T> {
  await mkdir(lake.folder, { recursive: true });
  const folder = await mkdtemp(join(lake.folder, ".tmp-import-"));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
