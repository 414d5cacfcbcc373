import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ArtifactError, ConfigError, PipelineError } from "../../../src/errors.ts";
import {
  cachedLibrary,
  findLibrary,
  libraryName,
  openLightGbm,
  provisionLibrary,
  requireLibrary,
} from "../../../src/model/lightgbm/index.ts";
import { unzipMember } from "../../../src/model/lightgbm/unzip.ts";

describe("the native library", () => {
  let userHome: string;

  beforeEach(async () => {
    userHome = await mkdtemp(join(tmpdir(), "gogooku3-library-"));
  });

  afterEach(async () => {
    await rm(userHome, { recursive: true, force: true });
  });

  async function place(path: string): Promise<string> {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, "not a library");
    return path;
  }

  it("is LIGHTGBM_LIB first, then a Python package's, then the cache", async () => {
    const cached = await place(cachedLibrary({ userHome }));
    expect(findLibrary({ userHome })).toEqual({ path: cached, origin: "cache" });
    const packages = join(userHome, ".local", "lib", "python3.11", "site-packages");
    const packaged = await place(join(packages, "lightgbm", "lib", libraryName()));
    expect(findLibrary({ userHome })).toEqual({ path: packaged, origin: "python package" });
    const explicit = await place(join(userHome, "mine.so"));
    expect(findLibrary({ userHome, explicit })).toEqual({ path: explicit, origin: "LIGHTGBM_LIB" });
  });

  it("is an error that names the way out when there is none", () => {
    expect(() => requireLibrary({ userHome })).toThrow(/gogooku3 setup lightgbm/u);
    expect(() => findLibrary({ userHome, explicit: "/no/such.so" })).toThrow(ConfigError);
  });

  it("that cannot be loaded is an error that names the file", async () => {
    const path = await place(join(userHome, "broken.so"));
    await expect(openLightGbm(path)).rejects.toThrow(PipelineError);
    await expect(openLightGbm(path)).rejects.toThrow(/broken\.so cannot be loaded/u);
  });

  it("is not provisioned again where it is found", async () => {
    const cached = await place(cachedLibrary({ userHome }));
    const library = await provisionLibrary({
      userHome,
      sources: [],
      onProgress: () => expect.unreachable(),
    });
    expect(library.path).toBe(cached);
  });
});

describe("unzipMember", () => {
  it("finds a deflated member by the end of its name", () => {
    const content = unzipMember(wheel, "/lib_lightgbm.so");
    expect(content.toString()).toBe("library library library library\n");
  });

  it("refuses what is no archive and what holds no such member", () => {
    expect(() => unzipMember(Buffer.from("text"), "x")).toThrow(ArtifactError);
    expect(() => unzipMember(wheel, "/other.so")).toThrow(/no member/u);
  });
});

// python3 -m zipfile -c: lightgbm/VERSION.txt, then lightgbm/lib/lib_lightgbm.so, deflated.
const wheel = Buffer.from(
  "UEsDBBQAAAAIANRRdV0HZtiICAAAAAYAAAAUAAAAbGlnaHRnYm0vVkVSU0lPTi50eHQz0TPTM+ACAFBLAwQUAAAACADUUXVdOfZL4w4AAAAgAAAAHAAAAGxpZ2h0Z2JtL2xpYi9saWJfbGlnaHRnYm0uc2/LyUwqSiyqVMjBTnMBAFBLAQIUAxQAAAAIANRRdV0HZtiICAAAAAYAAAAUAAAAAAAAAAAAAACkgQAAAABsaWdodGdibS9WRVJTSU9OLnR4dFBLAQIUAxQAAAAIANRRdV059kvjDgAAACAAAAAcAAAAAAAAAAAAAACkgToAAABsaWdodGdibS9saWIvbGliX2xpZ2h0Z2JtLnNvUEsFBgAAAAACAAIAjAAAAIIAAAAAAA==",
  "base64",
);
