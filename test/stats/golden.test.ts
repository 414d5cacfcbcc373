// Every kernel against pandas, SciPy, statsmodels, NetworkX and mpmath: test/golden/stats-*.json by make/stats.py.

import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { hashBytes } from "../../src/hash.ts";
import { createRng } from "../../src/rng.ts";
import {
  clip,
  clusteringCoefficient,
  connectedComponents,
  coreNumber,
  createGraph,
  type Graph,
  cumMax,
  cumMin,
  cumProd,
  cumSum,
  demean,
  demeanByGroup,
  diff,
  ewmMean,
  ewmStd,
  ewmVar,
  kendall,
  mean,
  meanByGroup,
  median,
  movingBlockBootstrap,
  neweyWestCovariance,
  neweyWestMean,
  normalCdf,
  normalPdf,
  normalQuantile,
  ols,
  pageRank,
  pctChange,
  pearson,
  qcut,
  quantiles,
  rank,
  rankByGroup,
  realDft,
  rollingBeta,
  rollingCorr,
  rollingCov,
  rollingMax,
  rollingMean,
  rollingMedian,
  rollingMin,
  rollingQuantile,
  rollingRank,
  rollingStd,
  rollingSum,
  rollingVar,
  rollingZscore,
  shift,
  spearman,
  std,
  studentTCdf,
  studentTQuantile,
  variance,
  winsorize,
  zscore,
  zscoreByGroup,
} from "../../src/stats/index.ts";
import { expectClose, goldenTolerance } from "./close.ts";

const number = z
  .union([z.number(), z.null(), z.literal("Infinity"), z.literal("-Infinity")])
  .transform((value) => (value === null ? Number.NaN : Number(value)));
const options = z.strictObject({
  minPeriods: z.number().exactOptional(),
  ddof: z.number().exactOptional(),
  pct: z.boolean().exactOptional(),
  alpha: z.number().exactOptional(),
  com: z.number().exactOptional(),
  span: z.number().exactOptional(),
  halflife: z.number().exactOptional(),
  adjust: z.boolean().exactOptional(),
  bias: z.boolean().exactOptional(),
  lower: z.number().exactOptional(),
  upper: z.number().exactOptional(),
  duplicates: z.literal("drop").exactOptional(),
  intercept: z.boolean().exactOptional(),
  lags: z.union([z.number(), z.literal("auto")]).exactOptional(),
  smallSample: z.boolean().exactOptional(),
  blockLength: z.number().exactOptional(),
  nResamples: z.number().exactOptional(),
  confidence: z.number().exactOptional(),
  damping: z.number().exactOptional(),
  directed: z.boolean().exactOptional(),
});
const goldenFile = z.object({
  sha256: z.string(),
  inputs: z.record(z.string(), z.array(number)),
  cases: z.array(
    z.object({
      kernel: z.string(),
      inputs: z.array(z.string()),
      arguments: z.array(z.union([z.number(), z.string(), z.array(z.number())])),
      options,
      call: z.string(),
      expected: z.array(number),
    }),
  ),
});

/** One case's inputs, numbers and options, as the kernels want them. */
interface Call {
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly columns: readonly Float64Array[];
  readonly n: number;
  readonly m: number;
  readonly list: readonly number[];
  readonly options: z.infer<typeof options>;
}

const none = undefined;

const kernels = new Map<string, (call: Call) => ArrayLike<number>>(
  Object.entries({
    shift: ({ x, n }) => shift(x, n),
    diff: ({ x, n }) => diff(x, n),
    pctChange: ({ x, n }) => pctChange(x, n),
    cumSum: ({ x }) => cumSum(x),
    cumProd: ({ x }) => cumProd(x),
    cumMax: ({ x }) => cumMax(x),
    cumMin: ({ x }) => cumMin(x),
    rollingSum: ({ x, n, options }) => rollingSum(x, n, none, options),
    rollingMean: ({ x, n, options }) => rollingMean(x, n, none, options),
    rollingVar: ({ x, n, options }) => rollingVar(x, n, none, options),
    rollingStd: ({ x, n, options }) => rollingStd(x, n, none, options),
    rollingZscore: ({ x, n, options }) => rollingZscore(x, n, none, options),
    rollingMin: ({ x, n, options }) => rollingMin(x, n, none, options),
    rollingMax: ({ x, n, options }) => rollingMax(x, n, none, options),
    rollingMedian: ({ x, n, options }) => rollingMedian(x, n, none, options),
    rollingQuantile: ({ x, n, m, options }) => rollingQuantile(x, n, m, none, options),
    rollingRank: ({ x, n, options }) => rollingRank(x, n, none, options),
    rollingCov: ({ x, y, n, options }) => rollingCov(x, y, n, none, options),
    rollingCorr: ({ x, y, n, options }) => rollingCorr(x, y, n, none, options),
    rollingBeta: ({ x, y, n, options }) => rollingBeta(x, y, n, none, options),
    ewmMean: ({ x, options }) => ewmMean(x, options),
    ewmVar: ({ x, options }) => ewmVar(x, options),
    ewmStd: ({ x, options }) => ewmStd(x, options),
    rank: ({ x, options }) => rank(x, none, options),
    demean: ({ x }) => demean(x),
    zscore: ({ x, options }) => zscore(x, none, options),
    mean: ({ x }) => [mean(x)],
    std: ({ x }) => [std(x)],
    variance: ({ x }) => [variance(x)],
    median: ({ x }) => [median(x)],
    quantiles: ({ x, list }) => quantiles(x, list),
    winsorize: ({ x, options }) => winsorize(x, none, options),
    clip: ({ x, n, m }) => clip(x, n, m),
    rankByGroup: ({ x, y, options }) => rankByGroup(x, Int32Array.from(y), none, options),
    zscoreByGroup: ({ x, y, options }) => zscoreByGroup(x, Int32Array.from(y), none, options),
    demeanByGroup: ({ x, y }) => demeanByGroup(x, Int32Array.from(y)),
    meanByGroup: ({ x, y }) => meanByGroup(x, Int32Array.from(y)),
    qcut: ({ x, n, options }) => qcut(x, n, none, options),
    pearson: ({ x, y }) => [pearson(x, y)],
    spearman: ({ x, y }) => [spearman(x, y)],
    kendall: ({ x, y }) => [kendall(x, y)],
    "ols.coefficients": ({ x, columns, options }) => ols(x, columns, options).coefficients,
    "ols.standardErrors": ({ x, columns, options }) => ols(x, columns, options).standardErrors,
    "ols.tStatistics": ({ x, columns, options }) => ols(x, columns, options).tStatistics,
    "ols.residuals": ({ x, columns, options }) => ols(x, columns, options).residuals,
    "ols.rSquared": ({ x, columns, options }) => [ols(x, columns, options).rSquared],
    neweyWestCovariance: ({ x, columns, options }) =>
      neweyWestCovariance(ols(x, columns, options), options),
    neweyWestMean: ({ x, options }) => Object.values(neweyWestMean(x, options)),
    movingBlockBootstrap: ({ x, options }) => {
      const result = movingBlockBootstrap(x, mean, { ...options, rng: createRng("golden") });
      return [result.estimate, result.lower, result.upper, result.standardError];
    },
    normalCdf: ({ x }) => x.map(normalCdf),
    normalPdf: ({ x }) => x.map(normalPdf),
    normalQuantile: ({ x }) => x.map(normalQuantile),
    studentTCdf: ({ x, n }) => x.map((t) => studentTCdf(t, n)),
    studentTQuantile: ({ x, n }) => x.map((p) => studentTQuantile(p, n)),
    realDft: ({ x, n }) => {
      const { real, imaginary } = realDft(x.subarray(0, n));
      return [...real, ...imaginary];
    },
    pageRank: (call) => pageRank(graphOf(call), call.options),
    connectedComponents: (call) => connectedComponents(graphOf(call)),
    coreNumber: (call) => coreNumber(graphOf(call)),
    clusteringCoefficient: (call) => clusteringCoefficient(graphOf(call)),
  } satisfies Record<string, (call: Call) => ArrayLike<number>>),
);

function graphOf({ x, columns, n, options: { directed = false } }: Call): Graph {
  return createGraph(n, x, columns[0], { weights: columns[1], directed });
}

const folder = new URL("../golden/", import.meta.url);
const names = readdirSync(folder).filter((name) => /^stats-.*\.json$/.test(name));

describe.each(names)("%s", (name) => {
  const text = readFileSync(new URL(name, folder), "utf8");
  const golden = goldenFile.parse(JSON.parse(text));

  it("is the file its hash was taken of", () => {
    const body = `{${text.trimEnd().split(`"sha256":"${golden.sha256}",`)[1]}`;
    expect(hashBytes(body)).toBe(golden.sha256);
  });

  const kernelNames = [...new Set(golden.cases.map(({ kernel }) => kernel))];
  it.each(kernelNames)("%s gives the reference's values and NaN", (kernel) => {
    const compute = kernels.get(kernel);
    if (compute === undefined) throw new Error(`no entry for ${kernel} in the table of this test`);
    for (const { call, expected, ...rest } of golden.cases) {
      if (rest.kernel !== kernel) continue;
      const inputs = rest.inputs.map((input) => Float64Array.from(golden.inputs[input]!));
      const numbers = rest.arguments.map((value) => (typeof value === "number" ? value : 0));
      const [list = []] = rest.arguments.filter((value) => Array.isArray(value));
      const found = compute({
        x: inputs[0]!,
        y: inputs[1]!,
        columns: inputs.slice(1),
        n: numbers[0]!,
        m: numbers[1]!,
        list,
        options: rest.options,
      });
      expectClose(found, expected, goldenTolerance, scaleOf(kernel, expected), call);
    }
  });
});

/** What rounding is relative to where results cancel: the largest result of a case, or its unit. */
function scaleOf(kernel: string, expected: readonly number[]): number {
  const exact = ["normalCdf", "normalQuantile", "studentTCdf", "studentTQuantile"];
  if (exact.includes(kernel)) return 0;
  return expected.reduce((top, v) => (Number.isFinite(v) ? Math.max(top, Math.abs(v)) : top), 0);
}
