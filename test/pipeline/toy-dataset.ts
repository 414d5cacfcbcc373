// A dataset in memory: stocks on weekdays whose next return follows one of its features, a little.

import {
  type Dataset,
  type DatasetManifest,
  FeatureTable,
  LabelTable,
} from "../../src/dataset/index.ts";
import { createRng } from "../../src/rng.ts";
import { labelledRows } from "../dataset/splits/rows.ts";

export interface ToyOptions {
  readonly sessions?: number;
  readonly stocks?: number;
  /** Correlation of `signal` with the next return. */
  readonly strength?: number;
  /** Puts the label itself among the features. */
  readonly leak?: boolean;
  /** Share of the label in another feature: too little for the label gate, too much for an honest result. */
  readonly whiff?: number;
  readonly seed?: number;
}

const horizons = [1, 5];

export function toyDataset({
  sessions = 180,
  stocks = 60,
  strength = 0.12,
  leak = false,
  whiff = 0,
  seed = 1,
}: ToyOptions = {}): Dataset {
  const labelled = labelledRows({ sessions, stocks, horizon: 5 });
  const count = labelled.sessions.length;
  const rng = createRng(seed);
  const column = (draw: (row: number) => number): Float32Array =>
    Float32Array.from({ length: count }, (_, row) => draw(row));
  const signal = column(() => rng.normal());
  const shock = column(() => rng.normal());
  const next = signal.map((value, row) => 0.01 * (strength * value + shock[row]));
  const label = (horizon: number): Float32Array =>
    column((row) => {
      if (labelled.sessions[row] + horizon >= sessions) return Number.NaN;
      return Array.from({ length: horizon }, (_, i) => next[row + i * stocks]).reduce(
        (a, b) => a + b,
      );
    });
  const labels = new Map(horizons.map((horizon) => [`label_${horizon}d`, label(horizon)]));
  const features = new Map([
    ["signal", signal],
    ["noise", column(() => rng.normal())],
    ["gappy", column(() => (rng.uniform() < 0.4 ? Number.NaN : rng.normal()))],
    ["level", column((row) => 100 + labelled.codes[row])],
  ]);
  if (leak) features.set("innocent", labels.get("label_1d")!.slice());
  if (whiff > 0) {
    const draw = (row: number): number => whiff * 100 * next[row] + rng.normal();
    features.set("hint", column(draw));
  }
  const close = new Float32Array(count);
  close.forEach((_, row) => {
    const before = row < stocks ? 100 : close[row - stocks] * (1 + next[row - stocks]);
    close[row] = before;
  });
  return datasetOf(labelled, features, labels, new Map([["close", close]]));
}

function datasetOf(
  labelled: ReturnType<typeof labelledRows>,
  features: ReadonlyMap<string, Float32Array>,
  labels: ReadonlyMap<string, Float32Array>,
  market: ReadonlyMap<string, Float32Array>,
): Dataset {
  const { dates, sessions, codes } = labelled;
  const stocks = codes.reduce((most, code) => Math.max(most, code + 1), 0);
  const rows = {
    count: sessions.length,
    dates,
    codes: Array.from({ length: stocks }, (_, i) => `${1301 + i}0`),
    dayStart: Int32Array.from({ length: dates.length + 1 }, (_, day) => day * stocks),
    sessionOfRow: sessions,
    codeOfRow: codes,
  };
  const pick = (from: ReadonlyMap<string, Float32Array>, names: readonly string[]) =>
    new Map(names.map((name) => [name, from.get(name)!]));
  return {
    id: "toy",
    folder: "",
    manifest: manifestOf([...features.keys()], rows.count),
    rows,
    featureNames: [...features.keys()],
    labelNames: [...labels.keys()],
    features: (names = [...features.keys()]) => new FeatureTable(rows, pick(features, names)),
    labels: (names = [...labels.keys()]) => new LabelTable(rows, pick(labels, names)),
    market: (names = ["close"]) => new FeatureTable(rows, pick(market, names)),
    labelledRows: () => labelled,
    panel: () => {
      throw new Error("the toy dataset has no panel");
    },
  };
}

function manifestOf(features: readonly string[], rows: number): DatasetManifest {
  const manifest: unknown = {
    id: "toy",
    features: features.map((name) => ({
      name,
      normalisation: name === "level" ? "raw" : "cross_sectional",
    })),
    labels: horizons.map((horizon) => ({ name: `label_${horizon}d`, kind: "price", horizon })),
    market: ["close"],
    abi: "abi",
    lakeHash: "lake",
    synthetic: true,
    rows,
  };
  return manifest as DatasetManifest;
}
