// The mirror against a real S3 server: moto_server of Python, where PATH or GOGOOKU3_MOTO has one. Skipped, visibly, otherwise.

import { spawn, type ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { CreateBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openLake, writeRows } from "../../src/lake/index.ts";
import { Mirror, type MirrorSettings } from "../../src/lake/mirror.ts";
import { verifyLake } from "../../src/lake/status.ts";
import type { OnProgress } from "../../src/progress.ts";
import { bar } from "../ingest/market-rows.ts";
import { useHome } from "../ingest/scratch.ts";

const program =
  process.env["GOGOOKU3_MOTO"] ??
  (process.env["PATH"] ?? "")
    .split(":")
    .map((folder) => join(folder, "moto_server"))
    .find((path) => existsSync(path)) ??
  "moto_server";
const isThere = existsSync(program);
const home = useHome();
let server: ChildProcess;
let settings: MirrorSettings;
let client: S3Client;

function freePort(): Promise<number> {
  return new Promise((settle) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const address = probe.address();
      const port = typeof address === "object" && address !== null ? address.port : 0;
      probe.close(() => settle(port));
    });
  });
}

describe.skipIf(!isThere)(`the mirror against ${program}`, () => {
  beforeAll(async () => {
    const port = await freePort();
    server = spawn(program, ["-H", "127.0.0.1", "-p", String(port)], { stdio: "ignore" });
    const credentials = { accessKeyId: "test", secretAccessKey: "test" };
    const endpoint = `http://127.0.0.1:${port}`;
    settings = { endpoint, region: "us-east-1", bucket: "lake", prefix: "p/", ...credentials };
    client = new S3Client({ endpoint, region: "us-east-1", credentials, forcePathStyle: true });
    for (let attempt = 0; ; attempt += 1) {
      try {
        await client.send(new CreateBucketCommand({ Bucket: "lake" }));
        return;
      } catch (error) {
        if (attempt > 100) throw error;
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
    }
  });

  afterAll(() => {
    client.destroy();
    server.kill();
  });

  it("pushes, verifies, pulls elsewhere, sends only what changed, and mends what was damaged", async () => {
    const here = join(home(), "here");
    const there = join(home(), "there");
    const lake = await openLake(here);
    await writeRows(lake, "/equities/bars/daily", [
      bar("2024-01-04", "72030", 1),
      bar("2024-02-05", "72030", 2),
    ]);
    const mirror = new Mirror(settings);
    await expect(mirror.pull({ home: there })).rejects.toThrow("nothing was pushed");
    expect(await mirror.push({ home: here })).toMatchObject({ files: 3, transferred: 3 });
    expect(await mirror.push({ home: here })).toMatchObject({ transferred: 0 });
    await writeRows(lake, "/equities/bars/daily", [bar("2024-02-06", "72030", 3)]);
    expect(await mirror.push({ home: here })).toMatchObject({ files: 3, transferred: 2 });
    expect(await mirror.verify()).toEqual({ files: 3, broken: [] });
    await mirror.pull({ home: there });
    const copy = await openLake(there);
    expect(copy.hash()).toBe(lake.hash());
    expect((await verifyLake(copy)).problems).toEqual([]);
    await writeFile(join(there, "lake/equities_bars_daily/2024-01.parquet"), "damaged");
    expect(await mirror.pull({ home: there })).toMatchObject({ transferred: 1 });
    expect((await verifyLake(copy)).problems).toEqual([]);
    const damaged = { Bucket: "lake", Key: "p/lake/equities_bars_daily/2024-01.parquet" };
    await client.send(new PutObjectCommand({ ...damaged, Body: "x" }));
    expect((await mirror.verify()).broken).toEqual(["lake/equities_bars_daily/2024-01.parquet"]);
    await rm(there, { recursive: true });
    await expect(mirror.pull({ home: there })).rejects.toThrow("run the pull again");
    expect(await mirror.push({ home: here })).toMatchObject({ transferred: 0 });
    expect(await mirror.push({ home: here, check: true })).toMatchObject({ transferred: 1 });
    expect((await mirror.verify()).broken).toEqual([]);
    mirror.close();
  });

  it("goes on where a push or a pull was stopped", async () => {
    const here = join(home(), "here");
    const there = join(home(), "there");
    const months = ["2024-01-04", "2024-02-05", "2024-03-05", "2024-04-05"];
    const rows = months.map((day) => bar(day, "72030", 1));
    await writeRows(await openLake(here), "/equities/bars/daily", rows);
    const mirror = new Mirror({ ...settings, prefix: "r/" });
    const stopAfter = (files: number): { signal: AbortSignal; onProgress: OnProgress } => {
      const controller = new AbortController();
      const onProgress: OnProgress = ({ done }) => {
        if (done === files) controller.abort();
      };
      return { signal: controller.signal, onProgress };
    };
    await expect(mirror.push({ home: here, ...stopAfter(2) })).rejects.toThrow(
      "stopped; run it again",
    );
    await expect(mirror.pull({ home: there })).rejects.toThrow("nothing was pushed");
    expect(await mirror.push({ home: here })).toMatchObject({ files: 5, transferred: 3 });
    await expect(mirror.pull({ home: there, ...stopAfter(3) })).rejects.toThrow(
      "stopped; run it again",
    );
    expect(await mirror.pull({ home: there })).toMatchObject({ files: 5, transferred: 2 });
    expect((await verifyLake(await openLake(there))).problems).toEqual([]);
    mirror.close();
  });

  it("refuses to move the index that somebody else moved", async () => {
    const here = join(home(), "here");
    await writeRows(await openLake(here), "/equities/bars/daily", [bar("2024-01-04", "67580", 1)]);
    const other = new Mirror({ ...settings, prefix: "q/" });
    await other.push({ home: here });
    await writeRows(await openLake(here), "/equities/bars/daily", [bar("2024-01-05", "67580", 1)]);
    const index = { Bucket: "lake", Key: "q/mirror.json" };
    const pushed = other.push({
      home: here,
      onProgress: () =>
        void client.send(new PutObjectCommand({ ...index, Body: '{"version":1,"files":{}}' })),
    });
    await expect(pushed).rejects.toThrow(/somebody else pushed/);
    other.close();
    expect(
      (await readFile(join(here, "lake/equities_bars_daily/manifest.json"))).length,
    ).toBeGreaterThan(10);
  });
});
