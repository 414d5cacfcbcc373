// Trains a small network of many ops for 50 steps on the device named on the command line and prints losses and fallbacks.

import { createRng } from "../../src/rng.ts";
import * as t from "../../src/tensor/index.ts";

const [batch, time, width, heads] = [16, 3, 8, 2];

export interface DeviceRun {
  readonly losses: readonly number[];
  /** The first weights after the last step, and after they were loaded again and one more step done. */
  readonly weights: readonly (readonly number[])[];
  /** Ops that ran on the CPU though another device was asked for. */
  readonly fallbacks: readonly string[];
}

function initParams() {
  const rng = createRng(5);
  const weight = (...shape: readonly number[]): t.Tensor => {
    const size = shape.reduce((a, b) => a * b, 1);
    const data = Float32Array.from({ length: size }, () => rng.normal() / Math.sqrt(shape[0]));
    return t.parameter(data, shape);
  };
  return {
    input: weight(6, width),
    bias: weight(width),
    scale: t.parameter(new Float32Array(width).fill(1), [width]),
    shift: t.parameter(new Float32Array(width), [width]),
    query: weight(width, width),
    key: weight(width, width),
    gates: Array.from({ length: 4 }, () => weight(width, width)),
    hidden: Array.from({ length: 4 }, () => weight(width, width)),
    head: weight(width, 1),
  };
}

type Params = ReturnType<typeof initParams>;

function forward(params: Params, x: t.Tensor, neighbours: t.Tensor): t.Tensor {
  const rng = createRng(11);
  const embedded = t.gelu(t.add(t.matmul(x, params.input), params.bias)); // (T, B, D)
  const normal = t.layerNorm(embedded, params.scale, params.shift);
  const attended = t.add(normal, attention(params, normal));
  const dropped = t.dropout(attended, { rate: 0.2, rng });
  const last = lstm(params, dropped); // (B, D)
  const peers = t.reduceMean(t.gather(last, neighbours), { axes: 1 });
  return t.matmul(t.add(t.elu(last), t.leakyRelu(peers, 0.2)), params.head);
}

function attention({ query, key }: Params, x: t.Tensor): t.Tensor {
  const byHead = (y: t.Tensor): t.Tensor =>
    t.transpose(t.reshape(y, [time, batch * heads, width / heads]), [1, 0, 2]);
  const q = byHead(t.matmul(x, query));
  const k = byHead(t.matmul(x, key));
  const weights = t.softmax(t.mul(t.matmul(q, k, { transposeB: true }), 0.5));
  return t.reshape(t.transpose(t.matmul(weights, k), [1, 0, 2]), [time, batch, width]);
}

function lstm({ gates, hidden }: Params, x: t.Tensor): t.Tensor {
  let h = t.full([batch, width], 0);
  let cell = t.full([batch, width], 0);
  for (const step of t.unstack(x)) {
    const [input, forget, candidate, output] = gates.map((gate, i) =>
      t.add(t.matmul(h, hidden[i]), t.matmul(step, gate)),
    );
    ({ hidden: h, cell } = t.lstmCell({ input, forget, cell: candidate, output }, cell));
  }
  return h;
}

/** The same run on any device: data, masks and weights come from seeds. On a GPU the state stays there between steps. */
export async function deviceRun(device: t.Device, steps = 50): Promise<DeviceRun> {
  const params = initParams();
  const inputs = {
    x: { shape: [time, batch, 6], dtype: "float32" },
    y: { shape: [batch, 1], dtype: "float32" },
    neighbours: { shape: [batch, 3], dtype: "int32" },
  } as const;
  const step = await t.compile(
    {
      state: params,
      inputs,
      step: (state, batchInputs) => {
        const predicted = forward(state, batchInputs.x, batchInputs.neighbours);
        const loss = t.reduceMean(t.square(t.sub(predicted, batchInputs.y)));
        const next = t.mapTrees(state, [t.grad(loss, state)], ([p, g]) => t.sub(p, t.mul(g, 0.05)));
        return { state: next, outputs: { loss } };
      },
    },
    { device, threads: 1, isProfiled: true, isStateOnDevice: true },
  );
  const rng = createRng(6);
  const normals = (n: number): Float32Array => Float32Array.from({ length: n }, () => rng.normal());
  const data = {
    x: normals(time * batch * 6),
    y: normals(batch),
    neighbours: Int32Array.from({ length: batch * 3 }, () => rng.integer(batch)),
  };
  const losses: number[] = [];
  for (let i = 0; i < steps; i += 1) losses.push(Number((await step.run(data))["loss"][0]));
  const saved = await step.download();
  step.load(saved, step.steps);
  await step.run(data);
  const weights = [saved, await step.download()].map(([first]) => Array.from(first.data, Number));
  const found = device === "cpu" ? [] : t.fallbacks(step.profile());
  await step.close();
  return { losses, weights, fallbacks: found };
}

if (import.meta.main) {
  const device = process.argv[2] === "webgpu" ? "webgpu" : "cpu";
  process.stdout.write(`${JSON.stringify(await deviceRun(device))}\n`);
}
