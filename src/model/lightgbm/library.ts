// Where LightGBM's native library is: LIGHTGBM_LIB, an installed Python package's, the system's, our cache, in this order.

import { existsSync, globSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { ConfigError } from "../../errors.ts";

/** The LightGBM release that `setup lightgbm` provisions. */
export const lightgbmVersion = "4.6.0";

export type LibraryOrigin = "LIGHTGBM_LIB" | "python package" | "system" | "cache";

export interface Library {
  readonly path: string;
  readonly origin: LibraryOrigin;
}

export interface LibraryOptions {
  /** The value of LIGHTGBM_LIB. */
  readonly explicit?: string | undefined;
  /** The user's home folder; default the operating system's answer. */
  readonly userHome?: string | undefined;
}

const names: Readonly<Record<string, string>> = {
  darwin: "lib_lightgbm.dylib",
  win32: "lib_lightgbm.dll",
};

/** The library's file name on this operating system. */
export function libraryName(platform: string = process.platform): string {
  return names[platform] ?? "lib_lightgbm.so";
}

/** Where `setup lightgbm` puts the library: shared by all home folders of a user. */
export function cachedLibrary({ userHome = homedir() }: LibraryOptions = {}): string {
  return join(userHome, ".cache", "gogooku3", "lightgbm", libraryName());
}

/** The library to use, or undefined when there is none. Throws ConfigError when LIGHTGBM_LIB names no file. */
export function findLibrary(options: LibraryOptions = {}): Library | undefined {
  const { explicit, userHome = homedir() } = options;
  if (explicit !== undefined) {
    if (existsSync(explicit)) return { path: explicit, origin: "LIGHTGBM_LIB" };
    throw new ConfigError(`LIGHTGBM_LIB: expected a library file, found nothing at ${explicit}`);
  }
  const python = firstMatch(pythonPatterns(userHome));
  if (python !== undefined) return { path: python, origin: "python package" };
  const system = firstMatch(systemFolders.map((folder) => join(folder, libraryName())));
  if (system !== undefined) return { path: system, origin: "system" };
  const cached = cachedLibrary(options);
  return existsSync(cached) ? { path: cached, origin: "cache" } : undefined;
}

/** As findLibrary. Throws ConfigError that says how to get the library when there is none. */
export function requireLibrary(options: LibraryOptions = {}): Library {
  const library = findLibrary(options);
  if (library !== undefined) return library;
  throw new ConfigError(
    "lightgbm: no native library found (LIGHTGBM_LIB, Python packages, system, cache); run `gogooku3 setup lightgbm`",
  );
}

const systemFolders = [
  "/usr/local/lib",
  "/usr/lib",
  "/usr/lib/x86_64-linux-gnu",
  "/usr/lib/aarch64-linux-gnu",
  "/opt/homebrew/lib",
];

function pythonPatterns(userHome: string): string[] {
  const inside = join("lightgbm", "{lib,bin}", libraryName());
  const roots = [
    join(".venv", "lib", "python3*", "site-packages"),
    join(".venv", "Lib", "site-packages"),
    join(userHome, ".local", "lib", "python3*", "site-packages"),
    join(userHome, ".pyenv", "versions", "*", "lib", "python3*", "site-packages"),
    join(userHome, "{miniconda3,anaconda3,miniforge3}", "lib", "python3*", "site-packages"),
    join("/usr", "local", "lib", "python3*", "{site,dist}-packages"),
    join("/usr", "lib", "python3*", "{site,dist}-packages"),
  ];
  return roots.map((root) => join(root, inside));
}

function firstMatch(patterns: readonly string[]): string | undefined {
  for (const pattern of patterns) {
    const found = globSync(pattern).toSorted().at(-1);
    if (found !== undefined) return found;
  }
  return undefined;
}
