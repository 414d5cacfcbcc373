// The demo as a process: killed at any moment and started again it ends with the same runs, predictions, models and figures.
// GOGOOKU3_DEMO_KILLS sets how many moments are tried.

import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hashFile } from "../../src/hash.ts";
import { createRng } from "../../src/rng.ts";
import { scratchRoot } from "../ingest/scratch.ts";
import { nativeLibrary } from "../model/lightgbm/native.ts";
import { commandProcess, type ProcessOutcome } from "../support/command-process.ts";

const kills = Number(process.env["GOGOOKU3_DEMO_KILLS"] ?? "2");
const tenMinutes = 600_000;

const weights = "weights: {quantile: 0.3, ic: 1}";
const overrides = [
  "simulate.stocks=40",
  "simulate.from=2022-01-04",
  "simulate.to=2023-08-31",
  "model.hidden=8",
  "model.time=5",
  "model.normalisation.windows=[5]",
  "model.graph.neighbours=3",
  "train.folds={nSplits: 1, validationSize: 20}",
  "train.epochBatches=4",
  `train.phases=[{name: baseline, epochs: 1, rate: 0.003, normalisation: false, graph: false, ${weights}}, {name: gat, epochs: 1, rate: 0.001, normalisation: true, graph: true, ${weights}}]`,
];

const homes: string[] = [];

function freshHome(): string {
  const home = mkdtempSync(join(scratchRoot, "demo-"));
  homes.push(home);
  return home;
}

function demo(home: string, killAfter?: number): Promise<ProcessOutcome> {
  return commandProcess(["--home", home, "--json", "demo", ...overrides], { killAfter });
}

/** SHA-256 of all that the demo leaves and that no clock or memory meter is in. */
async function hashesOf(home: string): Promise<Record<string, string>> {
  const kept =
    /predictions\.parquet$|evaluation\.json$|weights\.safetensors$|model\.onnx$|fold.*\.txt$|\.csv$/u;
  const files = ["runs", "models", "forecasts"]
    .flatMap((part) =>
      readdirSync(join(home, part), { recursive: true, encoding: "utf8" }).map((name) =>
        join(part, name),
      ),
    )
    .filter((name) => kept.test(name) && !name.includes(".tmp-"))
    .toSorted();
  const hashes = await Promise.all(files.map((name) => hashFile(join(home, name))));
  return Object.fromEntries(files.map((name, i) => [name, hashes[i]]));
}

/** The figures that it printed, without the path of the page. */
function figuresOf({ stdout }: ProcessOutcome): unknown {
  const { report: _path, ...figures } = JSON.parse(stdout);
  return figures;
}

afterAll(() => {
  for (const home of homes) rmSync(home, { recursive: true, force: true });
});

describe.skipIf(nativeLibrary === undefined)("demo", () => {
  let undisturbed: ProcessOutcome;
  let expected: Record<string, string>;

  beforeAll(async () => {
    const home = freshHome();
    undisturbed = await demo(home);
    expect(undisturbed.stderr).not.toContain("gogooku3:");
    expected = await hashesOf(home);
  }, tenMinutes);

  it("ends with a page that says it is simulated, and leaves three runs, a model and forecasts", () => {
    expect(undisturbed.code).toBe(0);
    const { runs, report } = JSON.parse(undisturbed.stdout);
    expect(runs.map(({ kind }: { kind: string }) => kind)).toEqual([
      "lightgbm",
      "atft",
      "ensemble",
    ]);
    const page = readFileSync(report, "utf8");
    expect(page).toContain("Made from simulated data");
    for (const title of ["In short", "What the oracle allowed", "Forecasts of "]) {
      expect(page).toContain(`<h2>${title}`);
    }
    expect(Object.keys(expected).length).toBeGreaterThan(9);
  });

  const rng = createRng("kill the demo");
  const moments = Array.from({ length: kills }, () => rng.uniform());

  it.each(moments)(
    "killed after %f of its time and started again ends with the same hashes and figures",
    { timeout: tenMinutes },
    async (moment) => {
      const home = freshHome();
      const killed = await demo(home, moment * undisturbed.seconds);
      const again = await demo(home);
      expect(again.code, `${again.stderr} after ${killed.code}`).toBe(0);
      expect(figuresOf(again)).toEqual(figuresOf(undisturbed));
      expect(await hashesOf(home)).toEqual(expected);
    },
  );
});
