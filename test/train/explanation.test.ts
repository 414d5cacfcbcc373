// What a network looked at: weights as they are added up, and as a report shows them.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { ArtifactError } from "../../src/errors.ts";
import { addExplanation, explanationOf, newExplanation } from "../../src/train/explain.ts";
import { explanationSections } from "../../src/train/index.ts";
import { plantedSamples } from "./planted.ts";

describe("an explanation", () => {
  it("is the mean weight of features, sessions and peers over known stocks, padding left out", () => {
    const { spec } = plantedSamples({ features: 2, config: { time: 2 } });
    const sums = newExplanation(spec);
    const nodes = 2;
    addExplanation(sums, spec, {
      block: { start: 0, stocks: Int32Array.of(5) },
      days: 1,
      stocks: nodes,
      outputs: {
        selection: Float32Array.of(0.25, 0.75, 1, 0, 0.75, 0.25, 1, 0),
        attention: Float32Array.of(0.4, 1, 0.6, 0),
        peerWeights: Float32Array.of(0.5, 0.7, 0.5, 0.3, 1, 1, 0, 0),
      },
    });
    const { features, sessions, peers } = explanationOf(sums, spec);
    expect(features).toEqual([
      { feature: "f0", weight: 0.5 },
      { feature: "f1", weight: 0.5 },
    ]);
    expect(sessions[0]).toBeCloseTo(0.4, 6);
    expect(sessions[1]).toBeCloseTo(0.6, 6);
    expect(peers[0]).toBeCloseTo(0.6, 6);
    expect(peers[1]).toBeCloseTo(0.4, 6);
  });
});

describe("explanationSections", () => {
  const folder = mkdtempSync(join(tmpdir(), "explanation-"));
  const path = join(folder, "explanation.json");
  afterEach(() => {
    rmSync(path, { force: true });
  });

  it("shows which features, which lags and which peers, a column a fold", () => {
    const fold = {
      features: [
        { feature: "returns_5d", weight: 0.75 },
        { feature: "beta_60d", weight: 0.25 },
      ],
      sessions: [0.1, 0.9],
      peers: [0.6, 0.4],
    };
    writeFileSync(
      path,
      JSON.stringify([
        { fold: 0, ...fold },
        { fold: 1, ...fold },
      ]),
    );
    const [{ title, body }] = explanationSections(folder);
    expect(title).toBe("What the network looked at");
    const cells = body.replaceAll(/<[^>]+>/gu, " ").replaceAll(/\s+/gu, " ");
    expect(cells).toContain("returns_5d 75.00 % 75.00 %");
    expect(cells).toContain("Mean attention to each session of the window");
    expect(body).toMatch(/<svg[^]*>fold 1<[^]*>fold 2</u);
    expect(cells).toContain("1 60.00 % 60.00 % 2 40.00 % 40.00 %");
  });

  it("is empty for a run without one, and refuses a broken one by its path", () => {
    expect(explanationSections(folder)).toEqual([]);
    writeFileSync(path, '[{"fold": 0}]');
    expect(() => explanationSections(folder)).toThrow(ArtifactError);
    expect(() => explanationSections(folder)).toThrow(path);
  });
});
