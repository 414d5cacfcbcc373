// `demo`: the whole way on a small simulated market, ending with the path of the report.

import { Command } from "commander";
import { resolveConfig } from "../config.ts";
import { fileURLToPath } from "node:url";
import type { OracleScore } from "../pipeline/oracle-score.ts";
import { action } from "./context.ts";
import { lightgbmLibrary } from "./lightgbm-library.ts";

const demoConfig = fileURLToPath(new URL("../../examples/demo.yaml", import.meta.url));

interface DemoFlags {
  readonly config: string;
}

export function demoCommand(): Command {
  return new Command("demo")
    .description("the whole way on a small simulated market; ends with the path of the report")
    .argument("[overrides...]", "key=value, such as simulate.stocks=100 or seed=8")
    .option("-c, --config <file>", "another YAML file", demoConfig)
    .addHelpText(
      "after",
      "\nWhat a run finished is found by the next one: press Ctrl-C and start again to go on.\n" +
        "Examples:\n  gogooku3 demo\n  gogooku3 demo simulate.stocks=100 simulate.signal=none",
    )
    .action(
      action<[string[]], DemoFlags>(async (context, { config: file }, overrides) => {
        const { evaluationText } = await import("../evaluate/index.ts");
        const { runDemo } = await import("../pipeline/demo/demo.ts");
        const config = resolveConfig({ file, overrides });
        const { home, signal, onProgress, clock } = context;
        const library = await lightgbmLibrary(context);
        const result = await runDemo({ home, config, library, clock, signal, onProgress });
        const { dataset, runs, forecast, report } = result;
        const summary = runs.map(({ evaluated, oracle }) => ({
          run: evaluated.manifest.id,
          kind: evaluated.manifest.kind,
          oracle,
        }));
        context.result({ dataset, runs: summary, forecast, report }, () =>
          [
            ...runs.flatMap(({ evaluated, oracle }) => [
              evaluated.manifest.kind,
              evaluationText(evaluated.evaluation),
              ...oracle.map(shareText),
            ]),
            report,
          ].join("\n"),
        );
      }),
    );
}

function shareText({ horizon, shareRecovered }: OracleScore): string {
  if (shareRecovered === null) return `${horizon} d: the oracle has none, no signal was planted`;
  return `${horizon} d: ${(shareRecovered * 100).toFixed(0)} % of the oracle's RankIC`;
}
