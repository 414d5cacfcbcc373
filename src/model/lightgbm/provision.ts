// `setup lightgbm`: the native library from the pip wheel where pip reaches, else compiled from the source in npm's tarball.

import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { cp, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { ArtifactError, SourceError } from "../../errors.ts";
import type { OnProgress } from "../../progress.ts";
import { publishFile, publishWith } from "../../publish.ts";
import {
  cachedLibrary,
  findLibrary,
  type Library,
  libraryName,
  type LibraryOptions,
  lightgbmVersion,
} from "./library.ts";
import { unzipMember } from "./unzip.ts";

/** SHA-256 of the wheels of LightGBM 4.6.0 on PyPI, by the tags in their names. */
const wheelHashes: ReadonlyMap<string, string> = new Map([
  ["manylinux_2_28_x86_64", "cb19b5afea55b5b61cbb2131095f50538bd608a00655f23ad5d25ae3e3bf1c8d"],
  ["manylinux2014_aarch64", "4d68712bbd2b57a0b14390cbf9376c1d5ed773fa2e71e099cac588703b590336"],
  ["macosx_12_0_arm64", "2dafd98d4e02b844ceb0b61450a660681076b1ea6c7adb8c566dfd66832aafad"],
  ["macosx_10_15_x86_64", "b7a393de8a334d5c8e490df91270f0763f83f959574d504c7ccb9eee4aef70ed"],
  ["win_amd64", "37089ee95664b6550a7189d887dbf098e3eadab03537e411f52c63c121e3ba4b"],
]);

/** npm's lightgbm package carries the C++ source of LightGBM 4.1 with all it needs. */
const tarball = {
  name: "lightgbm@1.0.27",
  sha512:
    "4E/Gjr3FqQl9U3z0BMuuViTlvO7T9oGMcfa3Jp2MRyKWWSJxFPs7xDTlzrEaBBG6iA69S/AcGn1lgMCuZT8qsg==",
  source: join("package", "dependencies", "LightGBM"),
} as const;

export type ProvisionSource = "wheel" | "source";

export interface ProvisionOptions extends LibraryOptions {
  readonly onProgress: OnProgress;
  readonly signal?: AbortSignal | undefined;
  /** Ways to try, in order; default the wheel, then the source. */
  readonly sources?: readonly ProvisionSource[];
  /** Provision even where a library is already found. */
  readonly force?: boolean;
}

const stage = "setup lightgbm";

/** The library that is there, else a freshly provisioned one in the cache. Throws SourceError that lists what was tried. */
export async function provisionLibrary(options: ProvisionOptions): Promise<Library> {
  const { onProgress, sources = ["wheel", "source"], force = false } = options;
  const found = findLibrary(options);
  if (found !== undefined && !force) return found;
  const path = cachedLibrary(options);
  const folder = await mkdtemp(join(tmpdir(), "gogooku3-lightgbm-"));
  const failures: string[] = [];
  try {
    for (const source of sources) {
      try {
        await (source === "wheel" ? fromWheel : fromSource)(folder, path, options);
        onProgress({ stage, done: 100, total: 100, note: path });
        return { path, origin: "cache" };
      } catch (error) {
        if (options.signal?.aborted === true || error instanceof ArtifactError) throw error;
        failures.push(`${source}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  throw new SourceError(
    `setup lightgbm: ${failures.join("; ")}; install LightGBM yourself and set LIGHTGBM_LIB to its library`,
    { endpoint: stage },
  );
}

async function fromWheel(folder: string, path: string, options: ProvisionOptions): Promise<void> {
  options.onProgress({ stage, done: 0, total: 100, note: "downloading the wheel with pip" });
  const download = `lightgbm==${lightgbmVersion}`;
  const pip = ["-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"];
  await execute(
    process.platform === "win32" ? "python" : "python3",
    [...pip, "-d", folder, download],
    options,
  );
  const wheel = (await readdir(folder)).find((name) => name.endsWith(".whl")) ?? "";
  const archive = await readFile(join(folder, wheel));
  const tag = wheel.replace(/^lightgbm-[\d.]+-py3-none-/u, "").replace(/\.whl$/u, "");
  requireHash(wheel, "sha256", "hex", archive, wheelHashes.get(tag));
  await publishFile(path, unzipMember(archive, `/${libraryName()}`));
}

async function fromSource(folder: string, path: string, options: ProvisionOptions): Promise<void> {
  const { onProgress } = options;
  onProgress({ stage, done: 0, total: 100, note: `downloading ${tarball.name} with npm` });
  await execute("npm", ["pack", tarball.name, "--silent", "--pack-destination", folder], options);
  const name = (await readdir(folder)).find((file) => file.endsWith(".tgz")) ?? "";
  requireHash(name, "sha512", "base64", await readFile(join(folder, name)), tarball.sha512);
  await execute("tar", ["-xzf", join(folder, name), "-C", folder, tarball.source], options);
  const build = join(folder, "build");
  const configure = ["-S", join(folder, tarball.source), "-B", build];
  const settings = ["-DBUILD_CLI=OFF", "-DCMAKE_BUILD_TYPE=Release"];
  onProgress({ stage, done: 1, total: 100, note: "configuring with cmake" });
  await execute("cmake", [...configure, ...settings], options);
  const threads = String(availableParallelism());
  const compile = ["--build", build, "--target", "_lightgbm", "--parallel", threads];
  await execute("cmake", compile, options, (line) => {
    const percent = /^\[\s*(\d+)%\]/u.exec(line)?.[1];
    if (percent === undefined) return;
    onProgress({ stage, done: Math.min(99, Number(percent)), total: 100, note: "compiling" });
  });
  const built = [join(folder, tarball.source), build].map((place) => join(place, libraryName()));
  await publishWith(path, async (temporary) => {
    await cp(built[0], temporary).catch(() => cp(built[1], temporary));
  });
}

function requireHash(
  name: string,
  algorithm: string,
  encoding: "hex" | "base64",
  content: Buffer,
  expected: string | undefined,
): void {
  const found = createHash(algorithm).update(content).digest(encoding);
  if (found === expected) return;
  throw new ArtifactError(
    `setup lightgbm: ${name}: expected ${algorithm} ${expected ?? "of a known wheel"}, found ${found}; nothing was installed`,
  );
}

async function execute(
  command: string,
  parameters: readonly string[],
  { signal }: ProvisionOptions,
  onLine: (line: string) => void = () => undefined,
): Promise<void> {
  const child = spawn(command, parameters, {
    stdio: ["ignore", "pipe", "pipe"],
    ...(signal === undefined ? {} : { signal }),
  });
  const errors: string[] = [];
  child.stderr.on("data", (chunk: Buffer) => errors.push(chunk.toString()));
  child.stdout.on("data", (chunk: Buffer) => chunk.toString().split("\n").forEach(onLine));
  const code = await exitCode(command, child);
  if (code === 0) return;
  const reason = errors.join("").trim().split("\n").slice(-3).join(" ");
  throw new SourceError(`${command} ended with code ${code}: ${reason}`, { endpoint: stage });
}

function exitCode(command: string, child: ChildProcess): Promise<number | null> {
  return new Promise((settle, fail) => {
    child.on("error", (cause) => {
      fail(new SourceError(`${command} cannot be run`, { endpoint: stage }, { cause }));
    });
    child.on("close", settle);
  });
}
