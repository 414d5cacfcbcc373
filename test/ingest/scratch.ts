// A home folder for one test, in memory where the system offers that: every publication syncs its files.

import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach } from "vitest";

export const scratchRoot: string = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();

/** Gives each test of the file a fresh folder: `home()` is its path. */
export function useHome(): () => string {
  let home = "";
  beforeEach(async () => {
    home = await mkdtemp(join(scratchRoot, "gogooku3-"));
  });
  afterEach(async () => {
    await rm(home, { recursive: true, force: true });
  });
  return () => home;
}
