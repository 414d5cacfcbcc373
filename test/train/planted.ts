// A small panel in memory whose next-day returns follow known parts: momentum, a threshold, and a peer's yesterday.

import type { AtftConfig } from "../../src/model/atft/index.ts";
import { atftPreset } from "../../src/model/atft/index.ts";
import { createRng } from "../../src/rng.ts";
import type { PeerLists, PeersOn } from "../../src/train/feed.ts";
import type { Samples } from "../../src/train/samples.ts";

export interface PlantedOptions {
  readonly sessions?: number;
  readonly stocks?: number;
  readonly features?: number;
  /** Share of the label's deviation that the features explain. */
  readonly strength?: number;
  readonly seed?: number;
  readonly config?: Partial<AtftConfig>;
}

/** Feature 0 carries the signal, feature 1 that of the stock's peer (the next one); the others are noise. */
export function plantedSamples({
  sessions = 80,
  stocks = 24,
  features = 6,
  strength = 0.8,
  seed = 1,
  config = {},
}: PlantedOptions = {}): Samples {
  const rng = createRng(seed);
  const { graph } = atftPreset("smoke");
  const rows = sessions * stocks;
  const values = Float32Array.from({ length: rows * features }, () => rng.normal());
  const target = new Float32Array(rows);
  for (let row = 0; row < rows; row += 1) {
    const session = Math.floor(row / stocks);
    const peer = session * stocks + ((row + 1) % stocks);
    const own = values[row * features];
    const said = values[peer * features + 1];
    target[row] = strength * (0.8 * own + 0.6 * said) + Math.sqrt(1 - strength ** 2) * rng.normal();
  }
  return {
    spec: {
      config: atftPreset("smoke", {
        horizons: [1],
        hidden: 8,
        heads: 2,
        time: 5,
        dropout: 0,
        normalisation: { windows: [3, 5], topK: 0, slices: 0, isReversible: false },
        graph: { ...graph, neighbours: 2, heads: 2, dropout: 0 },
        ...config,
      }),
      features: Array.from({ length: features }, (_, i) => ({
        name: `f${i}`,
        family: i < features / 2 ? "first" : "second",
      })),
      statics: [{ name: "sector", count: 3 }],
    },
    dates: Int32Array.from({ length: sessions }, (_, i) => 18_000 + i),
    codeNames: Array.from({ length: stocks }, (_, i) => String(10_000 + 10 * i)),
    rowOf: Int32Array.from({ length: rows }, (_, i) => i),
    values,
    statics: Int32Array.from({ length: rows }, (_, i) => 1 + (i % 2)),
    targets: [target],
  };
}

/** Each stock's peers are the next ones; attributes of 1 mark the nearest. */
export function nextStocks(samples: Samples): PeersOn {
  const stocks = samples.codeNames.length;
  const count = samples.spec.config.graph.neighbours;
  const neighbours = Int32Array.from({ length: stocks * count }, (_, edge) => {
    return (Math.floor(edge / count) + 1 + (edge % count)) % stocks;
  });
  const attributes = Float32Array.from({ length: stocks * count * 3 }, (_, i) =>
    Math.floor(i / 3) % count === 0 ? 1 : 0,
  );
  const lists: PeerLists = { neighbours, attributes };
  return () => lists;
}
