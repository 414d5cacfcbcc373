// One writer a lake: a lock file that names its holder. A lock whose process is gone is taken over.

import { link, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { existsSync, readFileSync } from "node:fs";
import { hostname } from "node:os";
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { z } from "zod";
import { ConfigError } from "../errors.ts";

const holderSchema = z.object({
  pid: z.int(),
  host: z.string(),
  /** Start of the process in clock ticks since boot, where the system tells it: a reused pid has another. */
  started: z.string(),
  purpose: z.string(),
  token: z.string(),
});

type Holder = z.infer<typeof holderSchema>;

export interface WriterLock {
  release(): Promise<void>;
}

/** Takes the writer's lock of `folder`. Throws ConfigError that names the holder when somebody else writes. */
export async function acquireLock(folder: string, purpose: string): Promise<WriterLock> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, "writer.lock");
  const holder: Holder = {
    pid: process.pid,
    host: hostname(),
    started: startOf(process.pid),
    purpose,
    token: randomUUID(),
  };
  const draft = join(folder, `.tmp-lock-${holder.token}`);
  await writeFile(draft, JSON.stringify(holder));
  try {
    await claim(path, draft);
  } finally {
    await rm(draft, { force: true });
  }
  return { release: () => releaseIfHeld(path, holder.token) };
}

async function claim(path: string, draft: string): Promise<void> {
  for (let attempt = 0; attempt < 5; attempt += 1) {
    if (await linked(draft, path)) return;
    const holder = await readHolder(path);
    if (holder !== undefined && isAlive(holder)) {
      throw new ConfigError(
        `${path} is held by process ${holder.pid} on ${holder.host} (${holder.purpose}); wait until it ends, or stop it`,
      );
    }
    await discard(path, holder);
  }
  throw new ConfigError(`could not take ${path} in five attempts; is another writer starting?`);
}

async function linked(draft: string, path: string): Promise<boolean> {
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  }
}

/** Moves a dead holder's lock away; puts it back when a new holder came in between. */
async function discard(path: string, dead: Holder | undefined): Promise<void> {
  const aside = `${path}.${randomUUID()}`;
  try {
    await rename(path, aside);
  } catch {
    return;
  }
  const moved = await readHolder(aside);
  if (moved !== undefined && moved.token !== dead?.token && isAlive(moved)) {
    await linked(aside, path);
  }
  await rm(aside, { force: true });
}

async function readHolder(path: string): Promise<Holder | undefined> {
  try {
    return holderSchema.parse(JSON.parse(await readFile(path, "utf8")));
  } catch {
    return undefined;
  }
}

async function releaseIfHeld(path: string, token: string): Promise<void> {
  const holder = await readHolder(path);
  if (holder?.token === token) await rm(path, { force: true });
}

function isAlive(holder: Holder): boolean {
  if (holder.host !== hostname()) return true;
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code !== "EPERM") return false;
  }
  return holder.started === startOf(holder.pid);
}

function startOf(pid: number): string {
  const path = `/proc/${pid}/stat`;
  if (!existsSync(path)) return "";
  const text = readFileSync(path, "utf8");
  return text.slice(text.lastIndexOf(")") + 2).split(" ")[19] ?? "";
}
