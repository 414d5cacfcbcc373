// From any id (night, forecast, report, model, run, dataset) back to the raw files, step by step.

import { existsSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { z } from "zod";
import { datasetFolder, datasetHash, readDatasetManifest } from "../../dataset/index.ts";
import { ConfigError } from "../../errors.ts";
import {
  listModels,
  listRuns,
  modelFolder,
  readModel,
  readReportHash,
  readRun,
  runFolder,
  type RunManifest,
} from "../../runs/index.ts";
import { forecastFiles, readForecastManifest } from "../forecast/index.ts";
import { readNight } from "../nightly/index.ts";
import { type FileNode, type LineageNode, Verifier, worst } from "./node.ts";
import { traceDataset } from "./trace-dataset.ts";

/** The tree of an id. Throws ConfigError that says what ids look like when it is none. */
export async function traceLineage(home: string, id: string): Promise<LineageNode> {
  return new Tracer(home).any(id);
}

/** Follows each dataset once: a second mention of it has no tree of its own. */
class Tracer {
  readonly #home: string;
  readonly #verifier: Verifier;
  readonly #datasets = new Map<string, LineageNode>();

  constructor(home: string) {
    this.#home = home;
    this.#verifier = new Verifier(home);
  }

  async any(id: string): Promise<LineageNode> {
    const home = this.#home;
    const night = /^(?:nightly-)?(\d{4}-\d{2}-\d{2})$/u.exec(id)?.[1];
    if (night !== undefined) return this.#night(night);
    const forecast = /([^/]+)\/(\d{4}-\d{2}-\d{2})(?:\.\w+)?$/u.exec(id);
    if (forecast !== null) return this.#forecast(forecast[1], forecast[2]);
    if (id.endsWith(".html")) return this.#page(basename(id, ".html"));
    if (existsSync(join(modelFolder(home, id), "model.json"))) return this.#model(id);
    if (existsSync(join(runFolder(home, id), "run.json"))) return this.#run(id);
    if (id === "latest" || existsSync(join(home, "datasets", id))) return this.#dataset(id);
    const known = [...(await listModels(home)), ...(await listRuns(home))].join(", ");
    throw new ConfigError(
      `lineage: expected a model, a run, a dataset, a forecast (MODEL/DATE), a night (DATE) or a report (FILE.html), found ${id}; there are ${known || "none"}`,
    );
  }

  #page(name: string): Promise<LineageNode> {
    return name.startsWith("nightly-") ? this.any(name) : this.#report(name);
  }

  async #night(date: string): Promise<LineageNode> {
    const record = readNight(this.#home, date);
    if (record === undefined) {
      throw new ConfigError(`lineage: no night of ${date} is done; run \`gogooku3 nightly\``);
    }
    const files = await this.#files(this.#home, record.files);
    const from = [await this.#forecast(record.model, date)];
    const detail = `finished ${record.finishedAt}`;
    return { kind: "night", id: date, status: worst(files), detail, files, from };
  }

  async #forecast(model: string, date: string): Promise<LineageNode> {
    const manifest = readForecastManifest(this.#home, model, date);
    if (manifest === undefined) {
      throw new ConfigError(`lineage: ${model} has no forecasts of ${date}`);
    }
    const folder = dirname(forecastFiles(this.#home, model, date).csv);
    const files = await this.#files(folder, manifest.files);
    const { dataset, datasetHash, rows } = manifest;
    const from = [await this.#model(model), await this.#dataset(dataset, datasetHash)];
    const status = worst(files);
    return {
      kind: "forecast",
      id: `${model}/${date}`,
      status,
      detail: `${rows} rows`,
      files,
      from,
    };
  }

  async #report(run: string): Promise<LineageNode> {
    const kept = readReportHash(runFolder(this.#home, run));
    const file = await this.#verifier.file(join(this.#home, "reports", `${run}.html`), kept);
    const from = [await this.#run(run)];
    const detail = "HTML page";
    return { kind: "report", id: run, status: file.status, detail, files: [file], from };
  }

  async #model(id: string): Promise<LineageNode> {
    const manifest = await readModel(this.#home, id);
    const files = await this.#files(modelFolder(this.#home, id), manifest.files);
    const { kind, features, trainedThrough } = manifest;
    const detail = `${kind}, ${features.length} features, trained through ${trainedThrough}`;
    const from = [await this.#run(manifest.run)];
    return { kind: "model", id, status: worst(files), detail, files, from };
  }

  async #run(id: string): Promise<LineageNode> {
    const manifest = await readRun(this.#home, id);
    const folder = runFolder(this.#home, id);
    const kept = manifest.files ?? {};
    const files = [
      await this.#verifier.file(join(folder, "predictions.parquet"), kept["predictions.parquet"]),
    ];
    const { kind, configHash, folds } = manifest;
    const detail = `${kind}, ${folds.length} folds, config ${configHash.slice(0, 12)}`;
    const from = await this.#originsOf(manifest);
    return { kind: "run", id, status: worst(files), detail, files, from };
  }

  /** An ensemble comes from its members, every other run from its dataset. */
  async #originsOf({ details, dataset, datasetHash }: RunManifest): Promise<LineageNode[]> {
    const members = z.array(z.string()).safeParse(details["members"]);
    if (!members.success) return [await this.#dataset(dataset, datasetHash)];
    const nodes: LineageNode[] = [];
    for (const member of members.data) nodes.push(await this.#run(member));
    return nodes;
  }

  /** With the hash that a run or a forecast kept of it: a dataset of the same name made from other data is changed. */
  async #dataset(id: string, expected?: string): Promise<LineageNode> {
    if (id !== "latest" && !existsSync(join(this.#home, "datasets", id, "manifest.json"))) {
      return this.#goneDataset(id);
    }
    const known = this.#datasets.get(id);
    const node = known ?? (await traceDataset(this.#verifier, id));
    this.#datasets.set(id, node);
    const manifest = this.#manifestFile(id, expected);
    const files = manifest === undefined ? node.files : [manifest, ...node.files];
    if (known !== undefined) {
      return { ...node, detail: "as above", files: files.slice(0, 1), from: [] };
    }
    return { ...node, status: worst(files), files };
  }

  #manifestFile(id: string, expected: string | undefined): FileNode | undefined {
    if (expected === undefined) return undefined;
    const folder = datasetFolder(this.#home, id);
    const found = datasetHash(readDatasetManifest(folder));
    return this.#verifier.compared(join(folder, "manifest.json"), expected, found);
  }

  #goneDataset(id: string): LineageNode {
    const file = this.#verifier.compared(join(this.#home, "datasets", id), undefined, null);
    return { kind: "dataset", id, status: "gone", detail: "deleted", files: [file], from: [] };
  }

  async #files(folder: string, kept: Readonly<Record<string, string>>): Promise<FileNode[]> {
    const nodes: FileNode[] = [];
    for (const [name, expected] of Object.entries(kept)) {
      nodes.push(await this.#verifier.file(join(folder, name), expected));
    }
    return nodes;
  }
}
