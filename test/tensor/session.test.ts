import { createRequire } from "node:module";
import { describe, expect, it } from "vitest";
import { ConfigError, PipelineError, ShapeError } from "../../src/errors.ts";
import { createRng } from "../../src/rng.ts";
import * as t from "../../src/tensor/index.ts";
import { modelProto } from "../../src/tensor/lowering/onnx-proto.ts";
import { floatType } from "./programs.ts";

const { InferenceSession, Tensor: OrtTensor } = createRequire(import.meta.url)("onnxruntime-node");

const inputs = { x: floatType(8, 3), y: floatType(8, 1) };

function regression(rate = 0.1, dropoutRate = 0) {
  const state = {
    weight: t.parameter(Float32Array.of(0.5, -0.5, 0.1), [3, 1]),
    frozen: t.parameter(Float32Array.of(2), [1]),
  };
  return {
    state,
    inputs,
    step: (params: typeof state, batch: Record<keyof typeof inputs, t.Tensor>) => {
      const rng = createRng(3);
      const x = t.dropout(batch.x, { rate: dropoutRate, rng });
      const predicted = t.mul(t.matmul(x, params.weight), params.frozen);
      const loss = t.reduceMean(t.square(t.sub(predicted, batch.y)));
      const { weight } = t.grad(loss, { weight: params.weight });
      const next = t.sub(params.weight, t.mul(weight, rate));
      return { state: { ...params, weight: next }, outputs: { loss } };
    },
  };
}

function batches(count: number) {
  const rng = createRng(7);
  return Array.from({ length: count }, () => {
    const x = Float32Array.from({ length: 24 }, () => rng.normal());
    const y = Float32Array.from({ length: 8 }, (_, i) => x[3 * i] - 2 * x[3 * i + 2]);
    return { x, y };
  });
}

describe("a compiled step", () => {
  it("keeps its state between runs and learns", async () => {
    const step = await t.compile(regression(), { threads: 1 });
    const [batch] = batches(1);
    const losses: number[] = [];
    for (let i = 0; i < 60; i += 1) losses.push(Number((await step.run(batch))["loss"][0]));
    expect(losses[59]).toBeLessThan(1e-3 * losses[0]);
    expect(step.steps).toBe(60);
    const [weight, frozen] = step.state();
    expect(weight.path).toBe("weight");
    expect(Number(weight.data[0])).toBeCloseTo(0.5, 1);
    expect([...frozen.data]).toEqual([2]);
    await step.close();
  });

  it("writes weights into two sets of buffers in turn and copies them nowhere", async () => {
    const step = await t.compile(regression(), { threads: 1 });
    const [batch] = batches(1);
    const buffers: t.TensorData[] = [];
    for (let i = 0; i < 4; i += 1) {
      buffers.push(step.state()[0].data);
      await step.run(batch);
    }
    expect(buffers[2]).toBe(buffers[0]);
    expect(buffers[3]).toBe(buffers[1]);
    expect(buffers[1]).not.toBe(buffers[0]);
    expect(buffers[1]).not.toEqual(buffers[0]);
    await step.close();
  });

  it("does the same steps in one run of four minibatches as in four runs, dropout included", async () => {
    const definition = regression(0.05, 0.25);
    const single = await t.compile(definition, { threads: 1 });
    const joined = await t.compile(definition, { threads: 1, minibatches: 4 });
    const data = batches(8);
    const one: number[] = [];
    for (const batch of data) one.push(Number((await single.run(batch))["loss"][0]));
    const four = [
      ...(await joined.runMany(data.slice(0, 4))),
      ...(await joined.runMany(data.slice(4))),
    ];
    expect(four.map(({ loss }) => Number(loss[0]))).toEqual(one);
    expect(joined.state()[0].data).toEqual(single.state()[0].data);
    await Promise.all([single.close(), joined.close()]);
  });

  it("continues to the last bit from loaded state and step count", async () => {
    const definition = regression(0.05, 0.25);
    const whole = await t.compile(definition, { threads: 1 });
    const data = batches(4);
    for (const batch of data.slice(0, 2)) await whole.run(batch);
    const saved = whole.state().map((value) => ({ ...value, data: value.data.slice() }));
    const resumed = await t.compile(definition, { threads: 1 });
    resumed.load(saved, whole.steps);
    for (const batch of data.slice(2)) {
      expect(await resumed.run(batch)).toEqual(await whole.run(batch));
    }
    expect(resumed.state()).toEqual(whole.state());
    await Promise.all([whole.close(), resumed.close()]);
  });

  it("stops at a loss that is not finite and keeps the state of before", async () => {
    const step = await t.compile(regression(), { threads: 1 });
    const [batch] = batches(1);
    await step.run(batch);
    const before = step.state().map(({ data }) => data.slice());
    const bad = { x: batch.x.with(0, Number.NaN), y: batch.y };
    await expect(step.run(bad)).rejects.toThrow(PipelineError);
    await expect(step.run(bad)).rejects.toThrow("output loss is NaN in step 1");
    expect(step.state().map(({ data }) => data)).toEqual(before);
    await step.close();
  });

  it("refuses data of another length or dtype, and another number of batches", async () => {
    const step = await t.compile(regression(), { threads: 1 });
    const [batch] = batches(1);
    const short = { ...batch, x: new Float32Array(5) };
    await expect(step.run(short)).rejects.toThrow(
      "input x needs 24 values of float32[8, 3], found 5 of float32",
    );
    const integers = { ...batch, x: new Int32Array(24) };
    await expect(step.run(integers)).rejects.toThrow("found 24 of int32");
    await expect(step.runMany([batch, batch])).rejects.toThrow("compiled for 1 batches");
    await step.close();
  });

  it("refuses state of another form", async () => {
    const step = await t.compile(regression(), { threads: 1 });
    expect(() => {
      step.load([{ path: "weight", shape: [2], data: new Float32Array(2) }]);
    }).toThrow("load: expected weight [3, 1], found [2]");
    await step.close();
    const changed = { ...regression(), step: () => ({ state: {} as never, outputs: {} }) };
    await expect(t.compile(changed)).rejects.toThrow(ShapeError);
  });

  it("refuses a parameter that stands in the state twice", async () => {
    const shared = t.parameter(new Float32Array(2), [2]);
    const twice = { state: { a: shared, b: shared }, inputs: {}, step: () => ({ outputs: {} }) };
    await expect(t.compile(twice)).rejects.toThrow("state a and b are one tensor");
  });

  it("tells ops apart by time in its profile", async () => {
    const step = await t.compile(regression(), { threads: 1, isProfiled: true });
    await step.run(batches(1)[0]);
    const rows = step.profile();
    expect(rows.map(({ op }) => op)).toContain("Gemm");
    expect(rows.every(({ device, count }) => device === "cpu" && count > 0)).toBe(true);
    await step.close();
  });
});

describe("devices", () => {
  it("that are unknown are an error that lists the known ones", async () => {
    const device = "tpu" as "cpu";
    await expect(t.compile(regression(), { device })).rejects.toThrow(ConfigError);
    await expect(t.compile(regression(), { device })).rejects.toThrow("one of cpu, webgpu, cuda");
  });

  it("that are missing are an error with a way out", async () => {
    const failure = await t
      .compile(regression(), { device: "cuda" })
      .catch((error: unknown) => error);
    if (failure instanceof Error) {
      expect(failure).toBeInstanceOf(ConfigError);
      expect(failure.message).toMatch(/device "cuda" is not available .*or use device "cpu"/);
    }
  });
});

describe("exportOnnx", () => {
  const definition = {
    state: { weight: t.parameter(Float32Array.of(1, 2, 3), [3, 1]) },
    inputs: { x: floatType(8, 3) },
    step: ({ weight }: { readonly weight: t.Tensor }, { x }: { readonly x: t.Tensor }) => ({
      outputs: { y: t.tanh(t.add(t.matmul(x, weight), 1)) },
    }),
  };

  it("gives a file of standard ops that computes what the step computes, with its metadata", async () => {
    const bytes = t.exportOnnx(definition, { metadata: { featureAbi: "abc" } });
    const model = modelProto.toObject(modelProto.decode(bytes));
    expect(model["metadata_props"]).toEqual([{ key: "featureAbi", value: "abc" }]);
    expect(JSON.stringify(model["graph"].node)).not.toContain("com.microsoft");
    const session = await InferenceSession.create(bytes);
    const [{ x }] = batches(1);
    const { y } = await session.run({ x: new OrtTensor("float32", x, [8, 3]) });
    const step = await t.compile(definition, { threads: 1 });
    const expected = (await step.run({ x }))["y"];
    y.data.forEach((value: number, i: number) => {
      expect(Math.abs(value - Number(expected[i]))).toBeLessThan(1e-5);
    });
    await step.close();
  });

  it("writes the given weights, refuses missing ones, and refuses dropout", () => {
    const values = [{ path: "weight", shape: [3, 1], data: Float32Array.of(4, 5, 6) }];
    const bytes = Buffer.from(t.exportOnnx(definition, { values }));
    expect(bytes.includes(Buffer.from(Float32Array.of(4, 5, 6).buffer))).toBe(true);
    expect(() => t.exportOnnx(definition, { values: [] })).toThrow("a value for weight");
    expect(() => t.exportOnnx(regression(0.1, 0.5))).toThrow("the step has dropout");
  });
});
