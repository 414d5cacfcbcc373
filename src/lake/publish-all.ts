// Publication of several files of one folder together: all are on disk before the first of them is renamed.

import { randomUUID } from "node:crypto";
import { mkdir, open, rename, rm } from "node:fs/promises";
import { join } from "node:path";

export interface Publication {
  readonly names: readonly string[];
  /** Fills the temporary file of `name`; false drops it. */
  readonly write: (name: string, temporary: string) => Promise<boolean>;
  /** Called when all files are on disk, before the first rename. */
  readonly announce: () => Promise<void>;
}

/** Writes every file beside its place, announces them, then renames them. A failure before the renames leaves nothing. */
export async function publishAll(
  folder: string,
  { names, write, announce }: Publication,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const temporaries = new Map<string, string>();
  try {
    for (const name of names) {
      const temporary = join(folder, `.tmp-${name}-${process.pid}-${randomUUID()}`);
      temporaries.set(name, temporary);
      if (await write(name, temporary)) {
        await sync(temporary);
      } else {
        temporaries.delete(name);
        await rm(temporary, { force: true });
      }
    }
    await announce();
    for (const [name, temporary] of temporaries) await rename(temporary, join(folder, name));
  } finally {
    for (const temporary of temporaries.values()) await rm(temporary, { force: true });
  }
  if (temporaries.size > 0) await sync(folder);
}

async function sync(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
