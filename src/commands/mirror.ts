// `lake push`, `lake pull`, `lake verify-mirror`: the mirror in an S3 bucket.

import { Command } from "commander";
import type { Environment } from "../config.ts";
import { ArtifactError, ConfigError } from "../errors.ts";
import { Mirror, type MirrorSettings, type Transfer } from "../lake/mirror.ts";
import { action, type CommandContext } from "./context.ts";

/** The commands that work on the mirror, to be added to `lake`. */
export function mirrorCommands(): Command[] {
  return [
    new Command("push")
      .description("upload lake, datasets and models to the S3 bucket of GOGOOKU3_S3_*")
      .option("--check", "ask after every object instead of believing the bucket's index")
      .action(
        action<[], { check?: boolean }>((context, { check }) =>
          withMirror(context, async (mirror) => {
            const { home, signal, onProgress } = context;
            context.result(
              await mirror.push({ home, signal, onProgress, check }),
              renderTransfer("pushed"),
            );
          }),
        ),
      ),
    new Command("pull")
      .description("download what differs from the S3 bucket of GOGOOKU3_S3_*")
      .action(
        action<[], object>((context) =>
          withMirror(context, async (mirror) => {
            const { home, signal, onProgress } = context;
            context.result(
              await mirror.pull({ home, signal, onProgress }),
              renderTransfer("pulled"),
            );
          }),
        ),
      ),
    new Command("verify-mirror")
      .description("check that the S3 bucket holds every file of its index")
      .action(
        action<[], object>((context) => withMirror(context, (mirror) => verify(context, mirror))),
      ),
  ];
}

async function verify(context: CommandContext, mirror: Mirror): Promise<void> {
  const found = await mirror.verify();
  context.result(found, ({ files, broken }) =>
    [`${files} files, ${broken.length} broken`, ...broken].join("\n"),
  );
  if (found.broken.length > 0) {
    throw new ArtifactError(
      `lake verify-mirror: ${found.broken.length} objects differ from the index, first ${found.broken[0]}; lake push --check sends them again`,
    );
  }
}

async function withMirror(
  context: CommandContext,
  work: (mirror: Mirror) => Promise<void>,
): Promise<void> {
  const mirror = new Mirror(settingsOf(context.environment));
  try {
    await work(mirror);
  } finally {
    mirror.close();
  }
}

function settingsOf(environment: Environment): MirrorSettings {
  const needed = (
    name: "GOGOOKU3_S3_BUCKET" | "GOGOOKU3_S3_ACCESS_KEY_ID" | "GOGOOKU3_S3_SECRET_ACCESS_KEY",
  ): string => {
    const value = environment[name];
    if (value === undefined) throw new ConfigError(`mirror: set ${name}`);
    return value;
  };
  const prefix = environment.GOGOOKU3_S3_PREFIX ?? "";
  return {
    endpoint: environment.GOGOOKU3_S3_ENDPOINT,
    region: environment.GOGOOKU3_S3_REGION ?? "ap-northeast-1",
    bucket: needed("GOGOOKU3_S3_BUCKET"),
    prefix: prefix === "" || prefix.endsWith("/") ? prefix : `${prefix}/`,
    accessKeyId: needed("GOGOOKU3_S3_ACCESS_KEY_ID"),
    secretAccessKey: needed("GOGOOKU3_S3_SECRET_ACCESS_KEY"),
  };
}

function renderTransfer(verb: string): (transfer: Transfer) => string {
  return ({ files, transferred, bytes }) =>
    `${verb} ${transferred} of ${files} files, ${(bytes / 1e6).toFixed(1)} MB${transferred < files ? "; the others were there" : ""}`;
}
