import { describe, expect, it } from "vitest";
import * as t from "../../src/tensor/index.ts";

const weight = Float32Array.of(1, -2, 0.5, 0.25);

function step({ w }: { readonly w: t.Tensor }, { x }: { readonly x: t.Tensor }) {
  const product = t.tanh(t.add(t.matmul(t.cast(x, "float16"), t.cast(w, "float16")), 0.5));
  const loss = t.reduceMean(t.square(t.cast(product, "float32")));
  return { outputs: { loss, product, gradient: t.grad(loss, { w }).w } };
}

async function run(dtype: "float16" | "float32") {
  const compiled = await t.compile(
    { state: { w: t.parameter(weight, [2, 2]) }, inputs: { x: { shape: [3, 2], dtype } }, step },
    { threads: 1 },
  );
  const values = [0.1, -0.2, 0.3, 0.4, 0.5, -0.6];
  const x = dtype === "float16" ? Float16Array.from(values) : Float32Array.from(values);
  const outputs = await compiled.run({ x });
  await compiled.close();
  return outputs;
}

describe("float16", () => {
  it("products and gradients agree with float32 to its three digits", async () => {
    const { product, gradient } = await run("float16");
    expect(product).toBeInstanceOf(Float16Array);
    expect(gradient).toBeInstanceOf(Float32Array);
    const x = [0.1, -0.2, 0.3, 0.4, 0.5, -0.6];
    const expected = Math.tanh(x[0] * weight[0] + x[1] * weight[2] + 0.5);
    expect(Math.abs(Number(product[0]) - expected)).toBeLessThan(2e-3);
  });

  it("float32 inputs may be cast inside the graph", async () => {
    const [half, whole] = [await run("float16"), await run("float32")];
    expect(Math.abs(Number(half["loss"][0]) - Number(whole["loss"][0]))).toBeLessThan(1e-3);
    half["gradient"].forEach((value, i) => {
      expect(Math.abs(Number(value) - Number(whole["gradient"][i]))).toBeLessThan(1e-3);
    });
  });
});
