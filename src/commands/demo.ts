// `demo`: the whole way on a small simulated market, ending with the path of the report.

import { Command } from "commander";
import { resolveConfig } from "../config.ts";
import { action } from "./context.ts";

interface DemoFlags {
  readonly config?: string;
}

export function demoCommand(): Command {
  return new Command("demo")
    .description("the whole way on a small simulated market; ends with the path of the report")
    .argument("[overrides...]", "key=value, such as simulate.stocks=100 or seed=8")
    .option("-c, --config <file>", "a YAML file laid over the defaults")
    .addHelpText(
      "after",
      "\nWhat a run finished is found by the next one: press Ctrl-C and start again to go on.\n" +
        "Examples:\n  gogooku3 demo\n  gogooku3 demo simulate.stocks=100 simulate.signal=none",
    )
    .action(
      action<[string[]], DemoFlags>(async (context, { config: file }, overrides) => {
        const { evaluationText } = await import("../evaluate/index.ts");
        const { provisionLibrary } = await import("../model/lightgbm/index.ts");
        const { runDemo } = await import("../pipeline/demo/demo.ts");
        const { seed, simulate } = resolveConfig({ file, overrides });
        const { home, signal, onProgress, environment } = context;
        const library = await provisionLibrary({
          explicit: environment.LIGHTGBM_LIB,
          userHome: environment.HOME,
          signal,
          onProgress,
        });
        const market = { ...simulate, seed };
        const result = await runDemo({
          home,
          market,
          library: library.path,
          seed,
          signal,
          onProgress,
        });
        const { dataset, run, oracle, report, evaluated } = result;
        context.result({ dataset, run, oracle, report }, () =>
          [
            evaluationText(evaluated.evaluation),
            ...oracle.map(
              ({ horizon, shareRecovered }) =>
                `${horizon} d: ${shareRecovered === null ? "no oracle" : `${(shareRecovered * 100).toFixed(0)} % of the oracle's RankIC`}`,
            ),
            report,
          ].join("\n"),
        );
      }),
    );
}
