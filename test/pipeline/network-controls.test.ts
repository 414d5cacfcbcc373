// Controls of a network: its own configuration where nothing can be found, kept as the evidence that its promotion asks for.

import { rmSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openDataset } from "../../src/dataset/index.ts";
import { recordControl } from "../../src/pipeline/control-evidence.ts";
import { networkControl, withShuffledLabels } from "../../src/pipeline/network-controls.ts";
import { noProgress } from "../../src/progress.ts";
import { ownGates, readEvidence } from "../../src/registry/index.ts";
import { readModel } from "../../src/runs/index.ts";
import { type SmallNight, smallNight } from "./small-night.ts";

let night: SmallNight;

beforeAll(async () => {
  night = await smallNight();
}, 300_000);

afterAll(async () => {
  await night.app.close();
  rmSync(night.home, { recursive: true, force: true });
});

describe("withShuffledLabels", () => {
  it("keeps rows, features and each session's labels, in another order within the session", () => {
    const dataset = openDataset(night.home);
    const shuffled = withShuffledLabels(dataset);
    expect(shuffled.id).toBe(`${dataset.id}-shuffled`);
    expect(shuffled.features(["rsi_14"]).column("rsi_14")).toEqual(
      dataset.features(["rsi_14"]).column("rsi_14"),
    );
    const { dayStart } = dataset.rows;
    const [before, after] = [dataset, shuffled].map((one) =>
      one.labels(["label_1d"]).label("label_1d").subarray(dayStart[100], dayStart[101]),
    );
    expect(after).not.toEqual(before);
    expect(after.toSorted()).toEqual(before.toSorted());
  });
});

describe("networkControl", () => {
  it.each(["shuffled", "null"] as const)(
    "%s trains apart from the model's runs and leaves evidence for its gate",
    { timeout: 300_000 },
    async (kind) => {
      const { home, model, clock } = night;
      const result = await networkControl(kind, {
        home,
        model,
        market: { seed: 5, stocks: 24, from: "2022-01-04", to: "2022-12-30", signal: "none" },
        clock,
        onProgress: noProgress,
      });
      expect(result.horizons.map(({ horizon }) => horizon)).toEqual([1, 5]);
      expect(result.run.id).not.toBe(model);
      await recordControl(home, result, clock);
      const evidence = readEvidence(home).find((entry) => entry.kind === kind);
      expect(evidence).toMatchObject({ pipeline: "atft", passed: result.passed });
      const gates = await ownGates(home, await readModel(home, model));
      const gate = gates.find(({ gate: name }) => name.startsWith(kind));
      expect(gate?.found).toContain(evidence?.detail ?? "nothing");
      expect(gate?.passed).toBe(result.passed);
    },
  );
});
