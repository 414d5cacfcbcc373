// The native library that LightGBM's commands need.

import type { CommandContext } from "./context.ts";

/** Path of LightGBM's library, found or provisioned with progress. */
export async function lightgbmLibrary({
  environment,
  onProgress,
  signal,
}: CommandContext): Promise<string> {
  const { provisionLibrary } = await import("../model/lightgbm/index.ts");
  const { path } = await provisionLibrary({
    explicit: environment.LIGHTGBM_LIB,
    userHome: environment.HOME,
    onProgress,
    signal,
  });
  return path;
}
