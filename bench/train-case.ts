// One case of the bench of training in a process of its own, so that its peak memory is its own: prints a TrainCaseResult.

import { trainConfig } from "../src/config/train.ts";
import { atftPreset, type AtftSpec, initAtft } from "../src/model/atft/index.ts";
import { createRng } from "../src/rng.ts";
import { shuffledBlocks } from "../src/train/blocks.ts";
import type { PeersOn } from "../src/train/feed.ts";
import type { Samples } from "../src/train/samples.ts";
import { TrainingSession } from "../src/train/training-session.ts";

export interface TrainCase {
  readonly preset: "smoke" | "small" | "standard";
  readonly stocks: number;
  readonly days: number;
  readonly graph: boolean;
  readonly threads: number;
  readonly repeats: number;
}

export interface TrainCaseResult {
  /** Best update, milliseconds of the clock and of all threads' processor time. */
  readonly wallMs: number;
  readonly processorMs: number;
  /** Share of all updates' time spent outside ONNX Runtime. */
  readonly outside: number;
  /** Peak resident memory of the process. */
  readonly peakMiB: number;
}

export const featureCount = 82;

async function measure({
  preset,
  stocks,
  days,
  graph,
  threads,
  repeats,
}: TrainCase): Promise<TrainCaseResult> {
  const samples = randomSamples(preset, stocks);
  const config = trainConfig.parse({
    batchDays: days,
    phases: [
      {
        name: "bench",
        epochs: 1,
        rate: 1e-4,
        normalisation: true,
        graph,
        weights: { quantile: 0.7, rank: 0.2, ic: 0.15, sharpe: days > 1 ? 0.1 : 0 },
      },
    ],
  });
  const session = new TrainingSession(samples, {
    config,
    phase: config.phases[0],
    sizes: [stocks],
    params: initAtft(createRng(1), samples.spec),
    rng: createRng(2),
    threads,
    peersOn: randomPeers(samples),
  });
  const span = { start: 80, end: samples.dates.length };
  const [block] = shuffledBlocks(samples, [span], { days, rng: createRng(3) });
  await session.update(block, 1e-4);
  const inside = session.insideMs;
  const times: number[] = [];
  const processor: number[] = [];
  for (let i = 0; i < repeats; i += 1) {
    const [before, used] = [performance.now(), process.cpuUsage()];
    await session.update(block, 1e-4);
    times.push(performance.now() - before);
    const { user, system } = process.cpuUsage(used);
    processor.push((user + system) / 1000);
  }
  const total = times.reduce((sum, time) => sum + time, 0);
  const outside = 1 - (session.insideMs - inside) / total;
  await session.close();
  return {
    wallMs: Math.min(...times),
    processorMs: Math.min(...processor),
    outside,
    peakMiB: process.resourceUsage().maxRSS / 1024,
  };
}

function randomSamples(preset: TrainCase["preset"], stocks: number): Samples {
  const sessions = 100;
  const rng = createRng(1);
  const rows = sessions * stocks;
  const spec: AtftSpec = {
    config: atftPreset(preset),
    features: Array.from({ length: featureCount }, (_, i) => ({
      name: `f${i}`,
      family: `family${Math.floor(i / 10)}`,
    })),
    statics: [{ name: "sector", count: 34 }],
  };
  const noise = Float32Array.from({ length: 65_536 }, () => rng.normal());
  return {
    spec,
    dates: Int32Array.from({ length: sessions }, (_, i) => 18_000 + i),
    codeNames: Array.from({ length: stocks }, (_, i) => String(10_000 + i)),
    rowOf: Int32Array.from({ length: rows }, (_, i) => i),
    values: Float32Array.from({ length: rows * featureCount }, (_, i) => noise[(i * 31) & 65_535]),
    statics: Int32Array.from({ length: rows }, (_, i) => i % 34),
    targets: spec.config.horizons.map((h) =>
      Float32Array.from({ length: rows }, (_, i) => noise[(i * h) & 65_535]),
    ),
  };
}

function randomPeers({ codeNames, spec }: Samples): PeersOn {
  const count = spec.config.graph.neighbours;
  const edges = codeNames.length * count;
  const neighbours = Int32Array.from(
    { length: edges },
    (_, edge) => (edge * 7 + 1) % codeNames.length,
  );
  const lists = { neighbours, attributes: new Float32Array(edges * 3).fill(0.5) };
  return () => lists;
}

if (import.meta.main) {
  const given: TrainCase = JSON.parse(process.argv[2] ?? "");
  process.stdout.write(JSON.stringify(await measure(given)));
}
