// `train`: the network on a dataset, fold by fold, in the foreground or in the background; `train status|stop|logs`.

import { spawn } from "node:child_process";
import { existsSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import Table from "cli-table3";
import { Command } from "commander";
import { type Config, resolveRuns } from "../config.ts";
import type { Dataset } from "../dataset/index.ts";
import { ArtifactError, ConfigError } from "../errors.ts";
import { listRuns, runFolder } from "../runs/index.ts";
import type { EpochRecord, RunState } from "../train/index.ts";
import { compact } from "./compact-table.ts";
import { action, type CommandContext, wholeNumber } from "./context.ts";

interface TrainFlags {
  readonly config?: string;
  readonly dataset?: string;
  readonly background?: boolean;
}

export function trainCommand(): Command {
  const command = new Command("train")
    .description("train the network on a dataset, walk-forward; the same command again goes on")
    .argument("[overrides...]", "key=value changes of the configuration, such as model.hidden=32")
    .option("--config <file>", "YAML file with the sections model and train")
    .option("--dataset <id>", "a dataset (default: train.dataset)")
    .option("--background", "go on after this terminal closes; see train status, logs and stop")
    .addHelpText(
      "after",
      "\nExamples:\n  gogooku3 train --config examples/train/small.yaml\n" +
        "  gogooku3 train model.preset=smoke train.folds.nSplits=1 --background",
    )
    .action(action<[string[]], TrainFlags>(train));
  command.addCommand(statusCommand());
  command.addCommand(stopCommand());
  command.addCommand(logsCommand());
  command.addCommand(ensembleCommand());
  return command;
}

async function train(
  context: CommandContext,
  flags: TrainFlags,
  overrides: readonly string[],
): Promise<void> {
  const { openDataset } = await import("../dataset/index.ts");
  const { trainRunId } = await import("../train/index.ts");
  const configs = resolveRuns({ file: flags.config, overrides });
  const results: FinishedRun[] = [];
  for (const config of configs) {
    const dataset = openDataset(context.home, flags.dataset ?? config.train.dataset);
    if (flags.background === true) {
      if (configs.length > 1) {
        throw new ConfigError(
          `train: --background starts one run, the overrides give ${configs.length}`,
        );
      }
      const run = trainRunId(config, dataset);
      startInBackground(context, runFolder(context.home, run));
      context.result({ run }, () => `${run} is training; see: gogooku3 train status ${run}`);
      return;
    }
    results.push(await runOne(context, config, dataset));
  }
  context.result(results, (list) => list.map(resultText).join("\n"));
}

/** What a run came to: its report, where it is done. */
interface FinishedRun {
  readonly run: string;
  readonly model: string | undefined;
  readonly report: string | undefined;
}

async function runOne(
  context: CommandContext,
  config: Config,
  dataset: Dataset,
): Promise<FinishedRun> {
  const { explanationSections, trainRun } = await import("../train/index.ts");
  const { evaluateRun, evaluationText, publishReport } = await import("../evaluate/index.ts");
  const { home, clock, onProgress, signal } = context;
  const { run, manifest, model } = await trainRun({
    home,
    dataset,
    config,
    clock,
    signal,
    onProgress,
    onEpoch: (record) => {
      context.say(epochText(record));
    },
    onNotice: (text) => {
      context.say(text);
    },
  });
  if (manifest === undefined) return { run, model, report: undefined };
  const evaluated = await evaluateRun(home, run);
  context.say(evaluationText(evaluated.evaluation));
  const sections = explanationSections(runFolder(home, run));
  return { run, model, report: await publishReport(home, evaluated, sections) };
}

/** What a terminal shows of an epoch. */
export function epochText(record: EpochRecord): string {
  const { fold, epoch, phase, loss, score, samples, seconds } = record;
  const rankIc = score === null ? "undefined" : score.toFixed(4);
  const speed = Math.round(samples / seconds).toLocaleString("en");
  return `fold ${fold} epoch ${epoch} ${phase}: loss ${loss.toFixed(4)}, validation RankIC ${rankIc}, ${speed} samples/s`;
}

function resultText({ run, model, report }: FinishedRun): string {
  if (report === undefined) return `${run} stopped; the same command goes on from its last epoch`;
  return `${run}: ${report}; forecast with predict --model ${model ?? run}`;
}

/** Starts the same command line again, detached, with its output in the run's log. */
function startInBackground({ home }: CommandContext, folder: string): void {
  mkdirSync(folder, { recursive: true });
  const log = openSync(join(folder, "train.log"), "a");
  const words = process.argv.slice(1).filter((word) => word !== "--background");
  const child = spawn(process.execPath, [...words, "--home", home], {
    detached: true,
    stdio: ["ignore", log, log],
  });
  child.unref();
}

function statusCommand(): Command {
  return new Command("status")
    .description("how far training runs have come")
    .argument("[run]", "id of a run; default: all that train")
    .action(
      action<[string | undefined], object>(async (context, _options, run) => {
        const states = await statesOf(context.home, run);
        context.result(states, renderStates);
      }),
    );
}

async function statesOf(home: string, run: string | undefined): Promise<RunState[]> {
  const { readRunState } = await import("../train/index.ts");
  const { readdirSync } = await import("node:fs");
  const folder = join(home, "runs");
  const all = existsSync(folder) ? readdirSync(folder) : await listRuns(home);
  const states = (run === undefined ? all : [run]).flatMap((id) => {
    const state = readRunState(runFolder(home, id));
    return state === undefined ? [] : [withLiveness(state)];
  });
  if (run === undefined || states.length > 0) return states;
  throw new ArtifactError(
    `train: no run ${run} in ${folder}; there are ${all.join(", ") || "none"}`,
  );
}

/** A run that says it is running while its process is gone was killed. */
function withLiveness(state: RunState): RunState {
  if (state.state !== "running" || isAlive(state.pid)) return state;
  return { ...state, state: "stopped", message: "its process is gone; train again to go on" };
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

function renderStates(states: readonly RunState[]): string {
  const table = new Table({
    head: ["run", "state", "fold", "phase", "epoch", "loss", "RankIC", "samples/s", "minutes left"],
    ...compact,
  });
  for (const state of states) {
    table.push([
      state.run,
      state.state,
      `${state.fold + 1}/${state.folds}`,
      state.phase,
      `${state.epoch}/${state.epochs}`,
      state.loss?.toFixed(4) ?? "",
      state.score?.toFixed(4) ?? "",
      state.samplesPerSecond?.toFixed(0) ?? "",
      state.secondsLeft === null ? "" : (state.secondsLeft / 60).toFixed(1),
    ]);
  }
  const messages = states.filter(({ message }) => message !== "");
  return [table.toString(), ...messages.map(({ run, message }) => `${run}: ${message}`)].join("\n");
}

function stopCommand(): Command {
  return new Command("stop")
    .description(
      "stop a training run after its current update; training again goes on from its last epoch",
    )
    .argument("<run>", "id of a run")
    .action(
      action<[string], object>(async (context, _options, run) => {
        const [state] = await statesOf(context.home, run);
        if (state.state === "running") process.kill(state.pid, "SIGTERM");
        const told = state.state === "running";
        context.result({ run, told }, () =>
          told ? `${run} stops after its current update` : `${run} is not running (${state.state})`,
        );
      }),
    );
}

function logsCommand(): Command {
  return new Command("logs")
    .description("the last lines that a background run printed")
    .argument("<run>", "id of a run")
    .option("--lines <n>", "how many", wholeNumber(1), 40)
    .action(
      action<[string], { lines: number }>((context, { lines }, run) => {
        const path = join(runFolder(context.home, run), "train.log");
        if (!existsSync(path)) {
          throw new ArtifactError(`train: ${path} is not there; only --background runs have a log`);
        }
        const text = readFileSync(path, "utf8").trimEnd().split("\n").slice(-lines);
        context.result({ run, lines: text }, () => text.join("\n"));
      }),
    );
}

function ensembleCommand(): Command {
  return new Command("ensemble")
    .description("the mean rank of several runs on one dataset, as a run of its own")
    .argument("<runs...>", "ids of runs, networks and LightGBM alike")
    .action(
      action<[string[]], object>(async (context, _options, runs) => {
        const { ensembleRuns } = await import("../pipeline/rank-ensemble.ts");
        const { id } = await ensembleRuns(context.home, runs);
        context.result({ run: id, members: runs }, ({ run }) => run);
      }),
    );
}
