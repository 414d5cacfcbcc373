// `doctor`: what is here and what is missing. It never prints a key.

import { existsSync } from "node:fs";
import { statfs } from "node:fs/promises";
import { availableParallelism, totalmem } from "node:os";
import { dirname } from "node:path";
import Table from "cli-table3";
import { Command } from "commander";
import { PipelineError } from "../errors.ts";
import { resolveCredentials } from "../ingest/credentials.ts";
import { findLibrary, openLightGbm } from "../model/lightgbm/index.ts";
import { productionModel, readMoves } from "../registry/stages.ts";
import { compact } from "./compact-table.ts";
import { action, type CommandContext } from "./context.ts";

interface Finding {
  readonly what: string;
  readonly ok: boolean;
  readonly found: string;
  /** How to get it, when it is missing. */
  readonly wayOut?: string;
}

export function doctorCommand(): Command {
  return new Command("doctor")
    .description(
      "say what is here: Node, LightGBM, ONNX Runtime, Chromium, disk, API key, production model",
    )
    .action(
      action<[], object>(async (context) => {
        const findings = [
          node(),
          machine(),
          await disk(context.home),
          await lightgbm(context),
          await onnxRuntime(),
          chromium(),
          apiKey(context),
          production(context.home),
        ];
        context.result(findings, render);
      }),
    );
}

function node(): Finding {
  const [major] = process.versions.node.split(".").map(Number);
  const found = `${process.version} on ${process.platform} ${process.arch}`;
  const wayOut = "install Node 26, or run through npx, which brings it";
  return major >= 26
    ? { what: "Node", ok: true, found }
    : { what: "Node", ok: false, found, wayOut };
}

function machine(): Finding {
  const memory = (totalmem() / 2 ** 30).toFixed(1);
  return { what: "machine", ok: true, found: `${availableParallelism()} cores, ${memory} GiB` };
}

async function disk(home: string): Promise<Finding> {
  let folder = home;
  while (!existsSync(folder)) folder = dirname(folder);
  const { bavail, bsize } = await statfs(folder);
  const free = (bavail * bsize) / 2 ** 30;
  const found = `${free.toFixed(0)} GiB free under ${folder}`;
  const wayOut = "ten years of Standard data and datasets take about 10 GiB; choose another --home";
  return { what: "disk", ok: free >= 10, found, ...(free >= 10 ? {} : { wayOut }) };
}

async function lightgbm({ environment }: CommandContext): Promise<Finding> {
  const what = "LightGBM";
  const wayOut = "run `gogooku3 setup lightgbm`";
  try {
    const { LIGHTGBM_LIB, HOME } = environment;
    const library = findLibrary({ explicit: LIGHTGBM_LIB, userHome: HOME });
    if (library === undefined) return { what, ok: false, found: "no native library", wayOut };
    const engine = await openLightGbm(library.path);
    await engine.close();
    return { what, ok: true, found: `${library.path} (${library.origin}), loads` };
  } catch (error) {
    if (!(error instanceof PipelineError)) throw error;
    return { what, ok: false, found: error.message, wayOut };
  }
}

async function onnxRuntime(): Promise<Finding> {
  const { listSupportedBackends, env } = await import("onnxruntime-node");
  const providers = listSupportedBackends().map(
    ({ name, bundled }) => `${name}${bundled ? "" : " (not bundled)"}`,
  );
  const version = env.versions.node ?? "version unknown";
  return { what: "ONNX Runtime", ok: true, found: `${version}: ${providers.join(", ")}` };
}

function chromium(): Finding {
  const what = "Chromium";
  const found = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(
    (path) => existsSync(path),
  );
  if (found !== undefined) return { what, ok: true, found };
  const wayOut = "only the tests of pages need it: apt-get install chromium";
  return { what, ok: false, found: "none", wayOut };
}

function apiKey({ environment }: CommandContext): Finding {
  const what = "J-Quants key";
  try {
    resolveCredentials(environment);
    return { what, ok: true, found: "yes" };
  } catch (error) {
    if (!(error instanceof PipelineError)) throw error;
    const wayOut = "set JQUANTS_API_KEY; `demo`, `simulate` and `import` work without one";
    return { what, ok: false, found: "no", wayOut };
  }
}

function production(home: string): Finding {
  const what = "production model";
  const model = productionModel(readMoves(home));
  if (model !== undefined) return { what, ok: true, found: model };
  const wayOut = "`nightly` needs one: `gogooku3 models promote ID --to production`";
  return { what, ok: false, found: "none", wayOut };
}

function render(findings: readonly Finding[]): string {
  const table = new Table({
    head: ["what", "", "found"],
    ...compact,
  });
  for (const { what, ok, found } of findings) table.push([what, ok ? "yes" : "no", found]);
  const missing = findings.flatMap(({ what, wayOut }) =>
    wayOut === undefined ? [] : [`${what}: ${wayOut}`],
  );
  return [table.toString(), ...missing].join("\n");
}
