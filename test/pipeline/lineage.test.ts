// Lineage: every id leads back to the raw files, and the file that is gone or changed is named.

import {
  appendFileSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { runCli } from "../../src/cli.ts";
import { ConfigError } from "../../src/errors.ts";
import { evaluateRun, publishReport } from "../../src/evaluate/index.ts";
import {
  brokenFiles,
  type LineageNode,
  lineageText,
  traceLineage,
} from "../../src/pipeline/lineage/index.ts";
import { runNightly } from "../../src/pipeline/nightly/index.ts";
import { type SmallNight, smallNight } from "./small-night.ts";

let night: SmallNight;

beforeAll(async () => {
  night = await smallNight();
  night.moveTo("2022-12-16", "20:00");
  await runNightly(night.options());
  await publishReport(night.home, await evaluateRun(night.home, night.model));
}, 300_000);

afterAll(async () => {
  await night.app.close();
  rmSync(night.home, { recursive: true, force: true });
});

function kinds(node: LineageNode): string[] {
  return [node.kind, ...node.from.flatMap(kinds)];
}

/** Runs `work` with a file of the home changed, and puts the file back. */
async function withChanged(path: string, work: () => Promise<void>): Promise<void> {
  const file = join(night.home, path);
  const before = readFileSync(file);
  appendFileSync(file, "x");
  try {
    await work();
  } finally {
    writeFileSync(file, before);
  }
}

describe("traceLineage", { timeout: 300_000 }, () => {
  it("leads from a night over forecast, model, run and dataset to every raw table", async () => {
    const tree = await traceLineage(night.home, "2022-12-16");
    expect(kinds(tree).slice(0, 5)).toEqual(["night", "forecast", "model", "run", "dataset"]);
    const tables = kinds(tree).filter((kind) => kind === "table");
    expect(tables).toHaveLength(2 * readdirSync(join(night.home, "lake")).length);
    expect(brokenFiles(tree)).toEqual([]);
    expect(lineageText(tree)).toMatch(
      /equities_bars_daily \(12 months, from simulated-api, simulated-bulk, fetched 2022-12-15 to 2022-12-16\): 11 of 12 files verified/u,
    );
  });

  it("tells a month that a later ingest replaced from one that was changed", async () => {
    const text = lineageText(await traceLineage(night.home, night.model));
    expect(text).toMatch(
      /SUPERSEDED lake\/equities_bars_daily\/2022-12\.parquet: expected \w+, found \w+/u,
    );
    await withChanged("lake/equities_bars_daily/2022-11.parquet", async () => {
      const [broken, ...others] = brokenFiles(await traceLineage(night.home, night.model));
      expect(broken).toMatchObject({
        path: "lake/equities_bars_daily/2022-11.parquet",
        status: "changed",
      });
      expect(others).toEqual([]);
    });
  });

  it.each([
    ["weights", (id: string) => `models/${id}/weights.safetensors`],
    ["predictions", (id: string) => `runs/${id}/predictions.parquet`],
    ["page", (id: string) => `reports/${id}.html`],
  ])("names %s that were changed", async (_what, pathOf) => {
    const path = pathOf(night.model);
    await withChanged(path, async () => {
      const id = path.startsWith("reports") ? path : night.model;
      const broken = brokenFiles(await traceLineage(night.home, id));
      expect(broken.map((file) => [file.path, file.status])).toEqual([[path, "changed"]]);
    });
  });

  it("names a month of a dataset that is gone, and a dataset that is gone", async () => {
    const [tree] = (await traceLineage(night.home, night.model)).from;
    const [dataset] = tree.from;
    const [{ path }] = dataset.files.filter((file) => file.path.includes("month=2022-03"));
    renameSync(join(night.home, path), join(night.home, "aside"));
    const broken = brokenFiles(await traceLineage(night.home, dataset.id));
    expect(broken.map((file) => [file.path, file.status])).toEqual([[path, "gone"]]);
    renameSync(join(night.home, "aside"), join(night.home, path));
    const folder = join(night.home, "datasets", dataset.id);
    renameSync(folder, join(night.home, "aside"));
    const text = lineageText(await traceLineage(night.home, `${night.model}/2022-12-16`));
    expect(text).toContain(`GONE datasets/${dataset.id}`);
    renameSync(join(night.home, "aside"), folder);
  });

  it("says what ids look like when it knows none of that name", async () => {
    await expect(traceLineage(night.home, "nothing")).rejects.toThrow(ConfigError);
    await expect(traceLineage(night.home, "2020-01-06")).rejects.toThrow(/gogooku3 nightly/u);
  });

  it("ends the command with 4 and the file's name when one changed, else with 0", async () => {
    const id = `${night.model}/2022-12-16`;
    vi.spyOn(process.stdout, "write").mockReturnValue(true);
    const stderr = vi.spyOn(process.stderr, "write").mockReturnValue(true);
    expect(await runCli(["--home", night.home, "--json", "lineage", id])).toBe(0);
    await withChanged(`forecasts/${id}.csv`, async () => {
      expect(await runCli(["--home", night.home, "lineage", id])).toBe(4);
    });
    expect(String(stderr.mock.lastCall?.[0])).toContain(`forecasts/${id}.csv (changed)`);
    vi.restoreAllMocks();
  });
});
