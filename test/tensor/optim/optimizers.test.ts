// Optimisers and schedules against PyTorch's after five steps (test/golden/tensor-nn.json), and what each rule promises.

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Tensor } from "../../../src/tensor/index.ts";
import {
  add,
  compile,
  constant,
  grad,
  matmul,
  parameter,
  reduceMean,
  square,
  sub,
} from "../../../src/tensor/index.ts";
import type { RuleOf } from "../../../src/tensor/optim/index.ts";
import {
  adam,
  adamW,
  clipByGlobalNorm,
  cosine,
  ema,
  initAdam,
  initEma,
  initialPlateau,
  initLossScale,
  initSgd,
  initSwa,
  keepUnless,
  layerGroups,
  oneCycle,
  pack,
  packedFactors,
  packedLayout,
  plateau,
  scaleLoss,
  sgd,
  swa,
  unpack,
  unscale,
  warmUp,
} from "../../../src/tensor/optim/index.ts";
import type { Packed } from "../evaluate.ts";
import { largestError, typed } from "../evaluate.ts";

type After = { readonly weight: Packed; readonly bias: Packed; readonly norms: readonly number[] };

const {
  optimizers: golden,
}: {
  readonly optimizers: {
    readonly x: Packed;
    readonly target: Packed;
    readonly start: { readonly weight: Packed; readonly bias: Packed };
    readonly after: Readonly<Record<string, After>>;
    readonly oneCycle: readonly number[];
    readonly cosine: readonly number[];
  };
} = JSON.parse(readFileSync(new URL("../../golden/tensor-nn.json", import.meta.url), "utf8"));

/** float32 against float64 over five steps. */
const tolerance = 1e-5;

type Params = { readonly weight: Tensor; readonly bias: Tensor };

function start(): Params {
  const { weight, bias } = golden.start;
  return {
    weight: parameter(typed(weight), weight.shape),
    bias: parameter(typed(bias), bias.shape),
  };
}

function lossOf({ weight, bias }: Params): Tensor {
  const x = constant(typed(golden.x), golden.x.shape);
  const target = constant(typed(golden.target), golden.target.shape);
  return reduceMean(square(sub(add(matmul(x, weight), bias), matmul(x, target))));
}

type Step<S> = (params: Params, state: S) => { params: Params; state: S; norm?: Tensor };

async function fiveSteps<S>(state: S, update: Step<S>) {
  const compiled = await compile(
    {
      state: { params: start(), state },
      inputs: {},
      step: (current) => {
        const { norm = constant(0), ...next } = update(current.params, current.state);
        return { state: next, outputs: { norm } };
      },
    },
    { threads: 1 },
  );
  const norms: number[] = [];
  for (let i = 0; i < 5; i += 1) norms.push(Number((await compiled.run({}))["norm"][0]));
  const values = new Map(compiled.state().map(({ path, data }) => [path, data.slice()]));
  await compiled.close();
  return { values, norms };
}

function expectAfter(name: string, values: ReadonlyMap<string, ArrayLike<unknown>>): void {
  const { weight, bias } = golden.after[name];
  expect(largestError(values.get("params.weight") ?? [], weight.data)).toBeLessThan(tolerance);
  expect(largestError(values.get("params.bias") ?? [], bias.data)).toBeLessThan(tolerance);
}

describe("optimisers", () => {
  it("sgd is PyTorch's SGD with Nesterov momentum and decay", async () => {
    const options = { rate: 0.05, momentum: 0.9, isNesterov: true, decay: 0.01 };
    const { values } = await fiveSteps(initSgd(start()), (params, state) =>
      sgd(params, grad(lossOf(params), params), state, options),
    );
    expectAfter("sgd", values);
  });

  it("adam is PyTorch's Adam with L2 decay", async () => {
    const { values } = await fiveSteps(initAdam(start()), (params, state) =>
      adam(params, grad(lossOf(params), params), state, { rate: 0.01, decay: 0.02 }),
    );
    expectAfter("adam", values);
  });

  const halfBias = layerGroups(new Map([["bias", { rate: 0.5 }]]));

  it("adamW is PyTorch's AdamW with parameter groups and a decay mask", async () => {
    const { values } = await fiveSteps(initAdam(start()), (params, state) =>
      adamW(params, grad(lossOf(params), params), state, {
        rate: 0.01,
        decay: 0.1,
        rules: halfBias,
      }),
    );
    expectAfter("adamW", values);
  });

  it("adamW on one packed vector is adamW on the tree", async () => {
    const layout = packedLayout(start());
    const factor = (pick: keyof ReturnType<RuleOf>) =>
      packedFactors(layout, (path) => halfBias(path)[pick] ?? 1);
    const compiled = await compile(
      {
        state: { packed: pack(start()), state: initAdam(pack(start())) },
        inputs: {},
        step: ({ packed, state }) => {
          const gradient = grad(lossOf(unpack(packed, start())), packed);
          const next = adamW(packed, gradient, state, {
            rate: 0.01,
            decay: 0.1,
            factors: { rate: factor("rate"), decay: factor("decay") },
          });
          return { state: { packed: next.params, state: next.state }, outputs: {} };
        },
      },
      { threads: 1 },
    );
    for (let i = 0; i < 5; i += 1) await compiled.run({});
    const data = Array.from(compiled.state()[0].data, Number);
    await compiled.close();
    expectAfter(
      "adamW",
      new Map([
        ["params.weight", data.slice(0, 12)],
        ["params.bias", data.slice(12)],
      ]),
    );
  });

  it("clipByGlobalNorm is clip_grad_norm_", async () => {
    const { values, norms } = await fiveSteps(initSgd(start()), (params, state) => {
      const { gradients, norm } = clipByGlobalNorm(grad(lossOf(params), params), 0.5);
      return { ...sgd(params, gradients, state, { rate: 0.05 }), norm };
    });
    expectAfter("clipped", values);
    expect(largestError(norms, golden.after["clipped"].norms)).toBeLessThan(tolerance);
  });

  it("a rule with rate 0 leaves a parameter to the last bit", async () => {
    const rules: RuleOf = (path) => (path === "bias" ? { rate: 0 } : {});
    const { values } = await fiveSteps(initAdam(start()), (params, state) =>
      adamW(params, grad(lossOf(params), params), state, { rate: 0.01, rules }),
    );
    expect(values.get("params.bias")).toEqual(typed(golden.start.bias));
  });
});

describe("averages of weights", () => {
  const count = () => ({ value: parameter(Float32Array.of(0), []) });

  async function averaged<S>(initial: S, update: (state: S, params: { value: Tensor }) => S) {
    const compiled = await compile(
      {
        state: { params: count(), average: initial },
        inputs: {},
        step: ({ params, average }) => {
          const next = { value: add(params.value, 1) };
          return { state: { params: next, average: update(average, next) }, outputs: {} };
        },
      },
      { threads: 1 },
    );
    for (let i = 0; i < 3; i += 1) await compiled.run({});
    const values = compiled.state().map(({ data }) => Number(data[0]));
    await compiled.close();
    return values[1];
  }

  it("ema follows early and slowly later: decays 1/10, 2/11, 3/12 over values 1, 2, 3", async () => {
    const first = 0.9 * 1;
    const second = 2 + (first - 2) * (2 / 11);
    const expected = 3 + (second - 3) * 0.25;
    expect(await averaged(initEma(count()), (state, p) => ema(state, p, 0.999))).toBeCloseTo(
      expected,
      6,
    );
  });

  it("swa is the plain mean", async () => {
    expect(await averaged(initSwa(count()), (state, p) => swa(state, p))).toBeCloseTo(2, 6);
  });
});

describe("loss scaling", () => {
  it("halves the scale and skips the step after an overflow, and doubles it after enough good steps", async () => {
    const compiled = await compile(
      {
        state: { p: parameter(Float32Array.of(1), []), scale: initLossScale(8) },
        inputs: { factor: { shape: [], dtype: "float32" } },
        step: ({ p, scale }, { factor }) => {
          const loss = scaleLoss(reduceMean(square(sub(p, factor))), scale);
          const { gradients, isFinite, next } = unscale(grad(loss, { p }), scale, { interval: 2 });
          const moved = sub(p, gradients.p);
          return { state: { p: keepUnless(isFinite, p, moved), scale: next }, outputs: {} };
        },
      },
      { threads: 1 },
    );
    const scales: number[] = [];
    const values: number[] = [];
    for (const factor of [0, Infinity, 0, 0]) {
      await compiled.run({ factor: Float32Array.of(factor) });
      const [p, scale] = compiled.state().map(({ data }) => Number(data[0]));
      values.push(p);
      scales.push(scale);
    }
    await compiled.close();
    expect(scales).toEqual([8, 4, 4, 8]);
    expect(values).toEqual([-1, -1, 1, -1]);
  });
});

describe("schedules", () => {
  it("oneCycle is PyTorch's OneCycleLR", () => {
    const schedule = oneCycle(0.1, { steps: 20 });
    const rates = golden.oneCycle.map((_, step) => schedule(step));
    expect(largestError(rates, golden.oneCycle)).toBeLessThan(1e-12);
  });

  it("cosine is PyTorch's CosineAnnealingLR", () => {
    const schedule = cosine(0.1, 10, 0.01);
    const rates = golden.cosine.map((_, step) => schedule(step));
    expect(largestError(rates, golden.cosine)).toBeLessThan(1e-12);
  });

  it("warmUp rises in equal parts and hands over", () => {
    const schedule = warmUp(1, 4, (step) => 10 + step);
    expect([0, 1, 2, 3, 4, 5].map(schedule)).toEqual([0.25, 0.5, 0.75, 1, 10, 11]);
  });

  it("plateau halves the rate when patience runs out, and not before; NaN is no better", () => {
    const options = { patience: 1, margin: 0 };
    const factors: number[] = [];
    let state = initialPlateau;
    for (const score of [0.1, 0.2, 0.2, NaN, 0.3]) {
      state = plateau(state, score, options);
      factors.push(state.factor);
    }
    expect(factors).toEqual([1, 1, 1, 0.5, 0.5]);
  });
});
