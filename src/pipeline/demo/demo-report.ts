// The sections that the demo adds to a report: the three runs side by side, what the oracle allowed, the latest forecasts.

import {
  axisStyle,
  chart,
  legendStyle,
  type Section,
  table,
  type Tile,
  tiles,
} from "../../page/index.ts";
import type { AuditReport, DatasetManifest } from "../../dataset/index.ts";
import { type EvaluatedRun, modelName, withInterval } from "../../evaluate/index.ts";
import type { MarketConfig } from "../../simulator/market/index.ts";
import type { OracleScore } from "../oracle-score.ts";
import type { DayForecast } from "../forecast/index.ts";

/** One run of the demo with what the oracle reaches on its rows. */
export interface DemoRun {
  readonly evaluated: EvaluatedRun;
  readonly oracle: readonly OracleScore[];
}

export interface Story {
  readonly dataset: DatasetManifest;
  readonly audit: AuditReport;
  /** The runs, the one to tell of last. */
  readonly runs: readonly DemoRun[];
}

/** The whole page in four tiles: what was known, what was predicted, what it was worth, what the oracle allowed. */
export function storySection({ dataset, audit, runs }: Story): Section {
  const { evaluated, oracle } = runs[runs.length - 1];
  const { predictions, evaluation } = evaluated;
  const [longest] = evaluation.horizons.toSorted((a, b) => b.horizon - a.horizon);
  const allowed = oracle.find(({ horizon }) => horizon === longest.horizon);
  const days = `${longest.horizon} session${longest.horizon === 1 ? "" : "s"} ahead`;
  return {
    title: "In short",
    lead: "Records of a simulated market came over HTTP as a subscriber gets them; everything below was made from them by the commands that real data goes through.",
    body: tiles([
      {
        label: "What was known",
        value: `${grouped(dataset.rows)} stock-days`,
        note: `${dataset.features.length} features of ${dataset.codes} codes, each record used from the instant it was public; ${grouped(audit.cellsCompared)} cells stayed bit-identical when the future was cut off or changed`,
      },
      {
        label: "What was predicted",
        value: `${grouped(predictions.dates.length)} returns`,
        note: `at ${evaluation.horizons.map(({ horizon }) => `${horizon} d`).join(" and ")}, by models trained on earlier sessions alone: ${runs.map((run) => modelName(run.evaluated.manifest.kind)).join(", ")}`,
      },
      {
        label: "What it was worth",
        value: `RankIC ${longest.rankIc.mean?.toFixed(3) ?? "–"}`,
        note: `${days}: ${withInterval(longest.rankIc)}; ${withInterval(longest.netSpread, 0, 10_000)} bp a holding period after costs`,
      },
      allowedTile(allowed),
    ]),
  };
}

function allowedTile(allowed: OracleScore | undefined): Tile {
  const label = "What the oracle allowed";
  if (allowed === undefined || allowed.shareRecovered === null) {
    return {
      label,
      value: "nothing",
      note: "no signal was planted: whatever a model finds is chance",
    };
  }
  const note = `of its RankIC of ${withInterval(allowed.oracle)}, the most that anybody could know`;
  return { label, value: shareText(allowed.shareRecovered), note };
}

/** RankIC of every run by horizon, each on its own out-of-sample rows. */
export function comparisonSection(runs: readonly DemoRun[]): Section {
  const rows = runs.flatMap(({ evaluated, oracle }) =>
    evaluated.evaluation.horizons.map(({ horizon, rankIc, netSpread }) => {
      const share = oracle.find((score) => score.horizon === horizon)?.shareRecovered ?? null;
      return [
        modelName(evaluated.manifest.kind),
        `${horizon} d`,
        withInterval(rankIc),
        withInterval(netSpread, 1, 10_000),
        shareText(share),
      ];
    }),
  );
  return {
    title: "LightGBM, network, ensemble",
    lead: "Each run on its own out-of-sample rows; the ensemble averages the ranks of both. A share above 100 % is chance: the oracle's own RankIC has an interval too.",
    body: table({
      columns: ["run", "horizon", "RankIC (95 %)", "net bp (95 %)", "of the oracle's"],
      rows,
    }),
  };
}

/** The strongest forecasts of the last session, with the features that the network weighed most. */
export function forecastSection({ date, horizon, top }: DayForecast): Section {
  return {
    title: `Forecasts of ${date}`,
    lead: `The network's ten highest and ten lowest of the last session, ${horizon} session${horizon === 1 ? "" : "s"} ahead. Median and range: the return that it expects.`,
    body: table({
      columns: ["rank", "code", "median", "10 % to 90 %", "weighed most"],
      rows: top.map(({ rank, code, score, low, high, reasons }) => [
        rank,
        code,
        percent(score),
        low === null || high === null ? null : `${percent(low)} to ${percent(high)}`,
        reasons.join(", "),
      ]),
    }),
  };
}

/** RankIC of model and oracle on the same rows, horizon by horizon. */
export function oracleSection(scores: readonly OracleScore[], market: MarketConfig): Section {
  const rows = scores.map(({ horizon, model, oracle, shareRecovered }) => [
    `${horizon} d`,
    withInterval(model),
    withInterval(oracle),
    shareText(shareRecovered),
  ]);
  const lead =
    market.signal === "planted"
      ? "The simulator planted known signals, so the best possible forecast is known: the oracle knows every expected return, yet most of each return is noise that nobody can know."
      : "The simulator planted nothing: no forecast from public records can do better than chance.";
  return {
    title: "What the oracle allowed",
    lead,
    body: [
      scores.some(({ oracle }) => oracle.mean !== null) ? oracleChart(scores) : "",
      table({
        columns: ["horizon", "model RankIC (95 %)", "oracle RankIC (95 %)", "share found"],
        rows,
      }),
    ].join(""),
  };
}

function oracleChart(scores: readonly OracleScore[]): string {
  return chart(
    () => ({
      grid: { left: 56, right: 12, top: 36, bottom: 28 },
      legend: legendStyle,
      xAxis: {
        type: "category",
        data: scores.map(({ horizon }) => `${horizon} d`),
        ...axisStyle,
        splitLine: { show: false },
      },
      yAxis: { type: "value", ...axisStyle },
      series: [
        { name: "model", type: "bar", silent: true, data: scores.map(({ model }) => model.mean) },
        {
          name: "oracle",
          type: "bar",
          silent: true,
          data: scores.map(({ oracle }) => oracle.mean),
        },
      ],
    }),
    { label: "Mean RankIC of the model and of the oracle, by horizon" },
  );
}

function shareText(share: number | null): string {
  return share === null ? "–" : `${(share * 100).toFixed(0)} %`;
}

function percent(value: number): string {
  return `${(100 * value).toFixed(2)} %`;
}

function grouped(value: number): string {
  return value.toLocaleString("en-US");
}
