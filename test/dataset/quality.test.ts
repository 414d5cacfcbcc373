// Each quality gate blocks publication, and what was published before stays.

import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { epochDay } from "../../src/calendar/index.ts";
import { buildDataset, openDataset, type BuildResult } from "../../src/dataset/index.ts";
import { readDatasetManifest, type DatasetManifest } from "../../src/dataset/manifest.ts";
import {
  dateColumn,
  floatColumn,
  MonthFile,
  textColumn,
} from "../../src/dataset/parquet/month-file.ts";
import { MonthReader } from "../../src/dataset/parquet/read.ts";
import { publishDataset } from "../../src/dataset/publish-dataset.ts";
import { defineFamily, stock } from "../../src/features/define.ts";
import { eventSources, families } from "../../src/features/families/index.ts";
import { Registry } from "../../src/features/registry.ts";
import type { Lake } from "../../src/lake/index.ts";
import { simulatedLake } from "./simulated-lake.ts";

const paths = [
  "/equities/master",
  "/equities/bars/daily",
  "/indices/bars/daily/topix",
  "/markets/calendar",
];
const span = { from: epochDay("2021-06-01"), to: epochDay("2021-09-30") };
const selection = "returns_1d,volatility_20d";

let lake: Lake;
let built: BuildResult;
beforeAll(async () => {
  lake = await simulatedLake({ stocks: 14, from: "2021-01-04", to: "2021-09-30", paths });
  built = await buildDataset(lake, { ...span, selection });
});
afterAll(() => rmSync(lake.home, { recursive: true }));

function draftOf(change: (folder: string) => void): string {
  const draft = join(mkdtempSync(join(tmpdir(), "gogooku3-draft-")), "draft");
  cpSync(built.folder, draft, { recursive: true });
  change(draft);
  return draft;
}

function editManifest(folder: string, edit: (manifest: DatasetManifest) => object): void {
  const manifest = { ...readDatasetManifest(folder), id: "tampered" };
  writeFileSync(join(folder, "manifest.json"), JSON.stringify({ ...manifest, ...edit(manifest) }));
}

/** Writes a month again with some columns and keys changed. */
function rewrite(
  path: string,
  change: (columns: Map<string, Float32Array>, days: Int32Array, codes: Int32Array) => void,
): void {
  const reader = new MonthReader(path);
  const floats = reader.columns.filter((name) => name !== "date" && name !== "code");
  const columns = new Map(floats.map((name) => [name, new Float32Array(reader.rows)]));
  for (const [name, values] of columns) reader.readFloats(name, values, 0);
  const days = reader.readInts("date");
  const { positions, texts } = reader.readTexts("code");
  reader.close();
  change(columns, days, positions);
  rmSync(path);
  const file = new MonthFile(path, days.length);
  file.add(dateColumn("date", days));
  file.add(textColumn("code", positions, texts));
  for (const [name, values] of columns) file.add(floatColumn(name, values));
  file.close(["date", "code", ...floats]);
}

async function expectBlocked(draft: string, message: RegExp): Promise<void> {
  await expect(publishDataset(lake.home, draft)).rejects.toThrow(message);
  expect(readFileSync(join(lake.home, "datasets", "latest"), "utf8").trim()).toBe(
    built.manifest.id,
  );
  expect(openDataset(lake.home).id).toBe(built.manifest.id);
}

describe("publishDataset", () => {
  test("publishes what passes, with its checks beside it", () => {
    const checks: { name: string; passed: boolean }[] = JSON.parse(
      readFileSync(join(built.folder, "quality.json"), "utf8"),
    );
    expect(checks.length).toBeGreaterThan(10);
    expect(checks.every(({ passed }) => passed)).toBe(true);
  });

  test("blocks a duplicated key", async () => {
    const draft = draftOf((folder) => {
      editManifest(folder, () => ({}));
      rewrite(join(folder, "month=2021-07.parquet"), (_columns, _days, codes) => {
        codes[5] = codes[4];
      });
    });
    await expectBlocked(draft, /unique keys: row \d+ \(\w{5} on 2021-07-\d\d\) repeats/u);
  });

  test("blocks a label shifted by one row", async () => {
    const draft = draftOf((folder) => {
      editManifest(folder, () => ({}));
      for (const { month } of built.manifest.months) {
        rewrite(join(folder, "labels", `month=${month}.parquet`), (columns) => {
          columns.get("label_5d")!.copyWithin(1, 0);
        });
      }
    });
    await expectBlocked(draft, /label_5d is the return to come: \d+ of \d+ rows/u);
  });

  test("blocks a month without rows", async () => {
    const draft = draftOf((folder) =>
      editManifest(folder, ({ months }) => ({
        months: months.map((month, index) =>
          index === 1 ? { ...month, features: { ...month.features, rows: 0 } } : month,
        ),
      })),
    );
    await expectBlocked(draft, /months: no rows in 2021-07/u);
  });

  test("blocks a rise in nulls against the last build", async () => {
    const draft = draftOf((folder) =>
      editManifest(folder, ({ features }) => ({
        features: features.map((feature) => ({ ...feature, nullRate: feature.nullRate + 0.1 })),
      })),
    );
    await expectBlocked(draft, /null rates: returns_1d .* → 10\.\d %/u);
  });

  test("blocks a constant input and an empty one, unless they are allowed", async () => {
    const raw = { normalisation: "raw", unit: "ratio", formula: "test", lookback: 1 } as const;
    const dull = defineFamily("dull", { source: "test" }, [
      stock("always_three", { ...raw, inputs: ["close"], compute: (_i, out) => out.fill(3) }),
      stock("never_there", { ...raw, inputs: ["close"], compute: (_i, out) => out.fill(NaN) }),
    ]);
    const registry = new Registry([...families, dull], eventSources);
    const options = { ...span, selection: "dull", registry };
    await expect(buildDataset(lake, options)).rejects.toThrow(
      /empty columns: never_there; constant columns: always_three/u,
    );
    expect(openDataset(lake.home).id).toBe(built.manifest.id);
    const { manifest } = await buildDataset(lake, { ...options, allowEmpty: true });
    expect(openDataset(lake.home).id).toBe(manifest.id);
  });
});
