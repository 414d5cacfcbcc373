// The blocks of the network that have no twin in PyTorch here: gradients of parameters and inputs against central differences.

import { describe, it } from "vitest";
import { initHeads, forecast } from "../../../src/model/atft/heads.ts";
import type { AtftConfig, AtftSpec } from "../../../src/model/atft/index.ts";
import { atftPreset } from "../../../src/model/atft/index.ts";
import { initMarketGate, marketGate } from "../../../src/model/atft/market-gate.ts";
import { initPeers, peers } from "../../../src/model/atft/peers.ts";
import { initSequenceNorm, sequenceNorm } from "../../../src/model/atft/sequence-norm.ts";
import { initStaticEncoder, staticContexts } from "../../../src/model/atft/static-context.ts";
import { initTemporal, temporal } from "../../../src/model/atft/temporal.ts";
import { initWindowedNorm, windowedNorm } from "../../../src/model/atft/windowed-norm.ts";
import { createRng } from "../../../src/rng.ts";
import type { Tensor } from "../../../src/tensor/index.ts";
import { constant, leavesOf, mapTree, reshape } from "../../../src/tensor/index.ts";
import { expectDifferences } from "../../tensor/differences.ts";
import type { Packed } from "../../tensor/evaluate.ts";
import { evaluate } from "../../tensor/evaluate.ts";

const tolerance = 1e-3;
const rng = createRng(7);

function random(...shape: readonly number[]): Packed {
  const size = shape.reduce((product, length) => product * length, 1);
  const data = Array.from({ length: size }, () => Math.fround(0.6 * rng.normal()));
  return { shape, dtype: "float32", data };
}

interface Case<P> {
  readonly params: P;
  readonly inputs: Readonly<Record<string, Packed>>;
  readonly build: (params: P, inputs: Readonly<Record<string, Tensor>>) => readonly Tensor[];
  /** Smaller where a kink is near. */
  readonly h?: number;
}

/** Random parameters, inputs and cotangents; the claimed gradients are those of the graph. */
async function check<P>({ params, inputs, build, h }: Case<P>): Promise<void> {
  const leaves = leavesOf(params).map(({ path, tensor }) => {
    return [`p.${path}`, random(...tensor.shape)] as const;
  });
  const all = { ...Object.fromEntries(leaves), ...inputs };
  const built = (tensors: Readonly<Record<string, Tensor>>): readonly Tensor[] =>
    build(
      mapTree(params, (_, path) => tensors[`p.${path}`]),
      tensors,
    );
  const { outputs } = await evaluate(all, (tensors) => built(tensors));
  const cotangents = outputs.map(({ length }) => random(length));
  const flat = (tensors: Readonly<Record<string, Tensor>>): readonly Tensor[] =>
    built(tensors).map((tensor) => reshape(tensor, [tensor.size]));
  const { gradients } = await evaluate(all, flat, cotangents);
  const claimed = Object.fromEntries(
    Object.entries(gradients).map(([name, data]) => [name, { data: Array.from(data, Number) }]),
  );
  const claim = { inputs: all, cotangents, gradients: claimed };
  await expectDifferences(flat, claim, { tolerance, ...(h !== undefined && { h }) });
}

function configOf(changes: Partial<AtftConfig> = {}): AtftConfig {
  const { graph } = atftPreset("smoke");
  return atftPreset("smoke", {
    time: 6,
    hidden: 4,
    heads: 2,
    horizons: [1, 5],
    graph: { ...graph, neighbours: 2, heads: 2, dropout: 0 },
    ...changes,
  });
}

function specOf(config: AtftConfig): AtftSpec {
  const features = ["a", "a", "m"].map((family, i) => ({ name: `f${i}`, family }));
  return { config, features, statics: [] };
}

describe("the gradient by central differences", () => {
  it("of quantile heads, mixed from three experts", async () => {
    await check({
      params: initHeads(rng, configOf({ experts: 3 })),
      inputs: { state: random(3, 4) },
      build: (params, { state }) => [forecast(params, state)],
    });
  });

  it("of the windowed normalisation", async () => {
    await check({
      params: initWindowedNorm([2, 3], 2),
      inputs: { x: random(5, 2, 2) },
      build: (params, { x }) => {
        const observed = constant(new Float32Array(20).fill(1), [5, 2, 2]);
        return [windowedNorm(params, [2, 3], { x, observed })];
      },
      h: 0.005,
    });
  });

  for (const [name, normalisation] of [
    ["reversible", { windows: [], topK: 0, slices: 0, isReversible: true }],
    ["frequency", { windows: [], topK: 1, slices: 0, isReversible: false }],
    ["slice", { windows: [], topK: 0, slices: 3, isReversible: false }],
  ] as const) {
    it(`of the ${name} normalisation`, async () => {
      const config = configOf({ normalisation });
      await check({
        params: initSequenceNorm(rng, config, 2),
        inputs: { x: random(6, 2, 2) },
        build: (params, { x }) => {
          const observed = constant(new Float32Array(24).fill(1), [6, 2, 2]);
          const { x: residual, removed } = sequenceNorm(params, config, { x, observed });
          return [residual, removed];
        },
        h: 0.005,
      });
    });
  }

  it("of the static contexts", async () => {
    await check({
      params: initStaticEncoder(rng, [{ name: "sector", count: 3 }], 4),
      inputs: {},
      build: (params) => {
        const codes = constant(Int32Array.of(0, 2, 1), [3, 1]);
        const { selection, hidden, cell, enrichment } = staticContexts(params, codes);
        return [selection, hidden, cell, enrichment];
      },
    });
  });

  it("of the temporal decoder over windows that overlap", async () => {
    await check({
      params: initTemporal(rng, configOf()),
      inputs: { states: random(4, 2, 4), context: random(2, 4) },
      build: (params, { states, context }) => {
        const contexts = {
          selection: context,
          hidden: context,
          cell: context,
          enrichment: context,
        };
        const options = { time: 3, count: 2, heads: 2 };
        const { state, weights } = temporal(params, { states, contexts }, options);
        return [state, weights];
      },
    });
  });

  it("of the peers, gated, one stock without any", async () => {
    const hood = {
      neighbours: constant(Int32Array.of(1, 2, 0, 2, 0, 0), [3, 2]),
      present: constant(Float32Array.of(1, 1, 1, 0, 0, 0), [3, 2]),
    };
    await check({
      params: initPeers(rng, configOf()),
      inputs: { state: random(3, 4), linearPart: random(3, 4), edges: random(3, 2, 3) },
      build: (params, { state, linearPart, edges }) => {
        const said = peers(params, { state, linearPart }, { ...hood, edgeAttributes: edges });
        return [said.state, said.weights];
      },
      h: 0.002,
    });
  });

  it("of the market gate", async () => {
    const spec = specOf(configOf({ marketGate: ["m"] }));
    await check({
      params: initMarketGate(spec),
      inputs: { x: random(2, 2, 3) },
      build: (params, { x }) => [marketGate(params, spec, x)],
    });
  });
});
