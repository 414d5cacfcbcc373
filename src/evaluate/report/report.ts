// The report of a run: one HTML page with what was predicted, what it was worth, and how sure that is.

import { escapeHtml, page, type Section, table, tiles } from "../../page/index.ts";
import type { FeatureImportance, RunCheck, RunManifest } from "../../runs/index.ts";
import type { Evaluation, GroupMetrics, HorizonEvaluation } from "../evaluate.ts";
import { importanceTable } from "./importance-table.ts";
import { withInterval } from "./with-interval.ts";
import {
  calibrationChart,
  cumulativeIcChart,
  foldChart,
  importanceChart,
  monthlyIcChart,
  quantileChart,
  spreadChart,
} from "./charts.ts";

export interface ReportContent {
  readonly manifest: RunManifest;
  readonly evaluation: Evaluation;
  readonly importance?: readonly FeatureImportance[];
  readonly checks?: readonly RunCheck[];
  /** Sections that the caller puts before all others, and before the last one. */
  readonly opening?: readonly Section[];
  readonly extra?: readonly Section[];
}

/** One self-contained HTML document. */
export function renderReport(content: ReportContent): string {
  const { manifest, evaluation, importance = [], checks = [], opening = [], extra = [] } = content;
  const [first] = evaluation.horizons;
  const sections: Section[] = [
    ...opening,
    summarySection(evaluation),
    {
      title: "RankIC over time",
      lead: "Running sum of each session's rank correlation between prediction and outcome. A steady slope is skill; a step is luck.",
      body: cumulativeIcChart(evaluation.horizons),
    },
    {
      title: "RankIC by month",
      lead: `Mean of the ${first.horizon}-day RankIC in each month: blue above 0, orange below, the deeper the further.`,
      body: monthlyIcChart(first),
    },
    ...evaluation.horizons.map((horizon) => horizonSection(horizon, evaluation)),
    {
      title: "By year, sector and size",
      lead: groupLead,
      body: evaluation.horizons.slice(0, 1).map(groupTables).join(""),
    },
  ];
  if (importance.length > 0) {
    sections.push({
      title: "What the model uses",
      lead: "The twenty most important features over all folds. Gain: share of what the splits won. RankIC lost: on a sample of the test sessions, when the feature is shuffled within each; by fold where it was computed. |SHAP|: mean absolute contribution.",
      body: importanceChart(importance) + importanceTable(importance),
    });
  }
  sections.push(...extra, evidenceSection(manifest, evaluation, checks));
  return page({
    title: `${modelName(manifest.kind)}, judged out of sample`,
    subtitle: subtitleOf(manifest),
    notice: noticeOf(content),
    sections,
  });
}

/** What people call a kind of model. */
export function modelName(kind: string): string {
  return modelNames.get(kind) ?? kind;
}

const modelNames: ReadonlyMap<string, string> = new Map([
  ["lightgbm", "LightGBM"],
  ["atft", "ATFT-GAT-FAN"],
  ["ensemble", "Ensemble of ranks"],
]);

function subtitleOf({ id, dataset, features, folds }: RunManifest): string {
  const counts = `${features.length} features, ${counted(folds.length, "fold")}`;
  const tested = `test sessions ${folds[0].testFrom} to ${folds[folds.length - 1].testTo}`;
  return `Run ${id} on dataset ${dataset}: ${counts}, ${tested}`;
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}

/** What a reader must know before any figure. */
function noticeOf({ manifest, evaluation }: ReportContent): string | undefined {
  const notices: string[] = [];
  if (evaluation.horizons.some(({ implausible }) => implausible)) {
    notices.push("Suspected leak: a RankIC beyond 0.15 is not to be had from daily equities.");
  }
  if (manifest.synthetic) {
    notices.push("Made from simulated data: these figures say nothing about real markets.");
  }
  return notices.length === 0 ? undefined : notices.join(" ");
}

/** The headline figures of all horizons. */
export function summarySection({ horizons, costBps, nQuantiles }: Evaluation): Section {
  const headline = tiles(
    horizons.map(({ horizon, rankIc }) => ({
      label: `RankIC, ${horizon} day${horizon === 1 ? "" : "s"}`,
      value: rankIc.mean?.toFixed(4) ?? "–",
      note: rankIc.interval?.map((bound) => bound.toFixed(4)).join(" to ") ?? "no interval",
    })),
  );
  return {
    title: "Summary",
    lead: "RankIC: rank correlation of score and return across the stocks of a session, averaged over the sessions; 0 is chance, 1 a perfect order. t: Newey-West; ICIR: mean over deviation; intervals: moving-block bootstrap. A dash means not defined.",
    body: [
      headline,
      rankingTable(horizons),
      worthText(costBps, nQuantiles),
      worthTable(horizons),
    ].join(""),
  };
}

function rankingTable(horizons: readonly HorizonEvaluation[]): string {
  return table({
    columns: ["horizon", "RankIC (95 %)", "t", "ICIR", "IC (95 %)", "above 0", "sessions"],
    rows: horizons.map(({ horizon, rankIc, ic }) => [
      `${horizon} d`,
      withInterval(rankIc),
      fixed(rankIc.tStat, 2),
      fixed(rankIc.icir, 3),
      withInterval(ic),
      percent(rankIc.positiveShare),
      rankIc.sessions,
    ]),
  });
}

function worthText(costBps: number, nQuantiles: number): string {
  return `<p class="lead">What that is worth: the return of the best of ${nQuantiles} score quantiles less the worst's, a holding period, before and after ${costBps} bp a unit of turnover. Monotone: rank correlation of the quantiles with their returns.</p>`;
}

function worthTable(horizons: readonly HorizonEvaluation[]): string {
  return table({
    columns: ["horizon", "spread bp (95 %)", "net bp (95 %)", "turnover", "monotone"],
    rows: horizons.map(({ horizon, spread, netSpread, turnover, monotonicity }) => [
      `${horizon} d`,
      withInterval(spread, 1, 10_000),
      withInterval(netSpread, 1, 10_000),
      fixed(turnover, 2),
      fixed(monotonicity, 2),
    ]),
  });
}

/** The pictures of one horizon. */
export function horizonSection(horizon: HorizonEvaluation, { costBps }: Evaluation): Section {
  return {
    title: `${horizon.horizon}-day returns`,
    lead: `Return by score quantile, the long-short return with ${costBps} bp cost, and whether the size of the score is right.`,
    body: [
      quantileChart(horizon),
      spreadChart(horizon),
      calibrationChart(horizon),
      coverageTable(horizon),
    ].join(""),
  };
}

function coverageTable({ coverage }: HorizonEvaluation): string {
  if (coverage.levels.length === 0) return "";
  const rows = coverage.levels.map(({ level, coverage: share, pinballLoss }) => [
    level,
    fixed(share, 3),
    fixed(pinballLoss, 5),
  ]);
  return table({ columns: ["quantile", "share of returns below", "pinball loss"], rows });
}

/** What the group tables show. */
export const groupLead =
  "Mean RankIC within the group, with its 95 % interval; groups that never have five stocks in a session are left out.";

/** RankIC within each group, a table a partition. */
export function groupTables({ horizon, by }: HorizonEvaluation): string {
  return Object.entries(by)
    .map(([name, groups]) =>
      table({
        columns: [`${name}, ${horizon} d`, "RankIC (95 %)", "t", "sessions", "stock-days"],
        rows: groups.filter(({ rankIc }) => rankIc.sessions > 0).map(groupRow),
      }),
    )
    .join("");
}

function groupRow({ group, rankIc, rows }: GroupMetrics): (string | number | null)[] {
  const stockDays = rows.toLocaleString("en-US");
  return [group, withInterval(rankIc), fixed(rankIc.tStat, 2), rankIc.sessions, stockDays];
}

function evidenceSection(
  manifest: RunManifest,
  evaluation: Evaluation,
  checks: readonly RunCheck[],
): Section {
  const found = checks.map(({ name, passed, detail }) => [
    passed ? "passed" : "FAILED",
    name,
    detail,
  ]);
  const isJudged = checks.some(({ name }) => name === "plausibility gate");
  const plausibility = isJudged ? [] : [plausibilityRow(evaluation)];
  const hashes = [
    ["run", manifest.id],
    ["dataset", `${manifest.dataset} ${manifest.datasetHash}`],
    ["config", manifest.configHash],
    ["evaluation", evaluation.hash],
  ].map(([name, hash]) => `<dt>${name}</dt><dd>${escapeHtml(hash)}</dd>`);
  return {
    title: "Evidence",
    lead: "How the folds lie in time, the checks against leakage, and the hashes that this page was made from.",
    body: [
      foldChart(manifest.folds),
      table({ columns: ["result", "check", "detail"], rows: [...found, ...plausibility] }),
      `<dl class="hashes">${hashes.join("")}</dl>`,
    ].join(""),
  };
}

function plausibilityRow({ horizons }: Evaluation): string[] {
  const beyond = horizons.filter(({ implausible }) => implausible);
  if (beyond.length === 0) return ["passed", "plausibility gate", "no horizon beyond 0.15"];
  const where = beyond.map(({ horizon }) => `${horizon} d`).join(", ");
  return ["FAILED", "plausibility gate", `beyond 0.15 at ${where}: suspect a leak`];
}

function fixed(value: number | null, digits: number): string | null {
  return value === null ? null : value.toFixed(digits);
}

function percent(value: number | null): string | null {
  return value === null ? null : `${(value * 100).toFixed(1)} %`;
}
