// Atomic publication: a file or folder is written beside its place, synced, and renamed. A reader never sees half of it.

import { randomUUID } from "node:crypto";
import { mkdir, open, readdir, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

const temporaryMark = ".tmp-";

/** Publishes `content` at `path`: after a crash at any byte there is the old file or the new one. */
export async function publishFile(path: string, content: Uint8Array | string): Promise<void> {
  await publishWith(path, async (temporary) => {
    const file = await open(temporary, "w");
    try {
      await file.writeFile(content);
    } finally {
      await file.close();
    }
  });
}

interface PublishOptions {
  /** False for what may be lost with the power, because its reader checks every byte and can do without; default true. */
  readonly durable?: boolean;
}

/** Lets `write` fill a temporary path (a file or a folder), then renames it to `path`. */
export async function publishWith(
  path: string,
  write: (temporary: string) => Promise<void>,
  { durable = true }: PublishOptions = {},
): Promise<void> {
  const folder = dirname(path);
  await mkdir(folder, { recursive: true });
  const temporary = join(
    folder,
    `${temporaryMark}${basename(path)}-${process.pid}-${randomUUID()}`,
  );
  try {
    await write(temporary);
    if (durable) await syncTree(temporary);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    throw error;
  }
  if (durable) await syncPath(folder);
}

/** Removes what a killed writer left in `folder`. Call it while holding the folder's writer lock. */
export async function removeTemporaries(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (name.startsWith(temporaryMark)) {
      await rm(join(folder, name), { recursive: true, force: true });
    }
  }
}

/** True for the name of a file that is still being written. */
export function isTemporary(name: string): boolean {
  return name.startsWith(temporaryMark);
}

/** Syncs a file, or a folder and everything in it. */
async function syncTree(path: string): Promise<void> {
  const isFolder = (await stat(path)).isDirectory();
  const names = isFolder ? await readdir(path) : [];
  for (const name of names) await syncTree(join(path, name));
  await syncPath(path);
}

async function syncPath(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
