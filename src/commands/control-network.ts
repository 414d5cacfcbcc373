// `control ... --model ID | --config FILE`: the controls of a network, and what they print.

import Table from "cli-table3";
import { resolveConfig } from "../config.ts";
import { type MeanSummary, withInterval } from "../evaluate/index.ts";
import { recordControl } from "../pipeline/control-evidence.ts";
import { type ControlKind, requirePassed } from "../pipeline/controls.ts";
import {
  networkControl,
  type NetworkControlResult,
  networkOfModel,
  type NetworkUnderTest,
} from "../pipeline/network-controls.ts";
import type { PlantedComparison } from "../pipeline/planted-comparison.ts";
import { compact } from "./compact-table.ts";
import type { CommandContext } from "./context.ts";
import { renderHorizons } from "./control-table.ts";
import { lightgbmLibrary } from "./lightgbm-library.ts";
import { epochText } from "./train.ts";

export interface NetworkFlags {
  readonly model?: string;
  readonly config?: string;
  readonly dataset?: string;
  readonly set: string;
  readonly seed: number;
  readonly stocks: number;
  readonly from: string;
  readonly to: string;
}

/** Runs the control, keeps its evidence and prints it; throws LeakageError when it failed. */
export async function controlNetwork(
  context: CommandContext,
  kind: ControlKind,
  flags: NetworkFlags,
  overrides: readonly string[],
): Promise<void> {
  const { home, clock, onProgress, signal } = context;
  const { seed, stocks, from, to } = flags;
  const result = await networkControl(kind, {
    home,
    network: await networkOf(home, kind, flags, overrides),
    market: { seed, stocks, from, to },
    library: kind === "planted" ? await lightgbmLibrary(context) : undefined,
    clock,
    onProgress,
    onEpoch: (record) => {
      context.say(epochText(record));
    },
    signal,
  });
  await recordControl(home, result, clock);
  const { evaluation: _long, run, ...shown } = result;
  context.result({ ...shown, run: run.id, folds: run.folds }, () => render(result));
  requirePassed(result);
}

async function networkOf(
  home: string,
  kind: ControlKind,
  { model, config: file, dataset, set }: NetworkFlags,
  overrides: readonly string[],
): Promise<NetworkUnderTest> {
  if (model !== undefined) return networkOfModel(home, model, kind);
  return { config: resolveConfig({ file, overrides }), features: set, dataset };
}

function render(result: NetworkControlResult): string {
  const { comparison, cost, report, run } = result;
  const speed = cost.samplesPerSecond?.toFixed(0) ?? "no";
  return [
    renderHorizons(result),
    ...(comparison === undefined ? [] : [renderComparison(comparison), renderParts(comparison)]),
    `${run.id}: ${cost.epochs} epochs, ${cost.minutes.toFixed(1)} minutes, ${speed} samples/s`,
    report,
    ...(comparison === undefined ? [] : [comparison.lightgbm.report]),
  ].join("\n");
}

function renderComparison({ horizons }: PlantedComparison): string {
  const table = new Table({
    head: [
      "horizon",
      "LightGBM's RankIC (95 %)",
      "recovered",
      "network less LightGBM",
      "like oracle: network",
      "LightGBM",
    ],
    ...compact,
  });
  for (const { horizon, lightgbm, difference, likeOracle } of horizons) {
    table.push([
      `${horizon} d`,
      withInterval(lightgbm.rankIc),
      lightgbm.recovered === null ? "–" : `${(100 * lightgbm.recovered).toFixed(0)} %`,
      withInterval(difference),
      like(likeOracle),
      like(lightgbm.likeOracle),
    ]);
  }
  return table.toString();
}

/** A rank correlation near 1 needs one digit less. */
function like(summary: MeanSummary): string {
  return withInterval(summary, 3);
}

function renderParts({ parts }: PlantedComparison): string {
  const table = new Table({
    head: ["planted part", "network's share of it (95 %)", "LightGBM's"],
    ...compact,
  });
  parts.network.forEach(({ part, found }, k) => {
    const beside = parts.lightgbm[k]?.found;
    table.push([
      part,
      withInterval(found, 2),
      beside === undefined ? "–" : withInterval(beside, 2),
    ]);
  });
  return table.toString();
}
