// `dataset`: build, look at and audit the table that models learn from.

import { Command } from "commander";
import { epochDay } from "../calendar/index.ts";
import { buildDataset } from "../dataset/index.ts";
import { openLake } from "../lake/index.ts";
import { action, isoDay } from "./context.ts";

interface BuildFlags {
  readonly from: string;
  readonly to: string;
  readonly features: string;
  readonly allowEmpty?: boolean;
}

export function datasetCommand(): Command {
  const command = new Command("dataset").description("build, audit and describe datasets");
  command.addCommand(buildCommand());
  return command;
}

function buildCommand(): Command {
  return new Command("build")
    .description("compute features and labels from the lake, check them, publish, move `latest`")
    .requiredOption("--from <date>", "first day of the rows, YYYY-MM-DD", isoDay)
    .requiredOption("--to <date>", "last day of the rows, YYYY-MM-DD", isoDay)
    .requiredOption(
      "--features <set>",
      "a set (core62, panel145, curated82, standard, premium), families or columns, comma separated",
    )
    .option(
      "--allow-empty",
      "publish although columns are empty or constant (short or small market)",
    )
    .action(
      action<[], BuildFlags>(async (context, { from, to, features, allowEmpty = false }) => {
        const lake = await openLake(context.home);
        const { manifest, folder } = await buildDataset(lake, {
          from: epochDay(from),
          to: epochDay(to),
          selection: features,
          allowEmpty,
          signal: context.signal,
          onProgress: context.onProgress,
        });
        context.result(
          {
            id: manifest.id,
            folder,
            rows: manifest.rows,
            codes: manifest.codes,
            sessions: manifest.sessions,
            features: manifest.features.length,
            labels: manifest.labels.length,
            abi: manifest.abi,
          },
          (built) =>
            `${built.id}: ${built.rows} rows (${built.codes} codes × ${built.sessions} sessions), ${built.features} features, ${built.labels} labels\n${built.folder}`,
        );
      }),
    );
}
