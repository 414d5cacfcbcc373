// What a network looked at, as sections of a report: features, lags, peers.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { ArtifactError } from "../errors.ts";
import { type Section, table } from "../page/index.ts";

const schema = z.array(
  z.strictObject({
    fold: z.int(),
    features: z.array(z.strictObject({ feature: z.string(), weight: z.number() })),
    sessions: z.array(z.number()),
    peers: z.array(z.number()),
  }),
);

/** Sections for the report of the run in `folder`; none where the run has no explanation. Throws ArtifactError for a broken one. */
export function explanationSections(folder: string, top = 20): Section[] {
  const path = join(folder, "explanation.json");
  if (!existsSync(path)) return [];
  const parsed = schema.safeParse(JSON.parse(readFileSync(path, "utf8")));
  if (!parsed.success) throw new ArtifactError(`${path}: ${z.prettifyError(parsed.error)}`);
  const folds = parsed.data;
  const last = folds.at(-1);
  if (last === undefined) return [];
  const percent = (value: number): string => `${(100 * value).toFixed(2)} %`;
  const share = (fold: (typeof folds)[number], feature: string): string =>
    percent(fold.features.find((entry) => entry.feature === feature)?.weight ?? 0);
  const heads = folds.map(({ fold }) => `fold ${fold}`);
  const parts = [
    "<p>Mean selection weight of each feature over the last five test sessions of a fold; all features sum to 100 %.</p>",
    table({
      columns: ["feature", ...heads],
      rows: last.features
        .slice(0, top)
        .map(({ feature }) => [feature, ...folds.map((fold) => share(fold, feature))]),
    }),
    "<p>Mean attention to each session of the window, the forecast session first.</p>",
    table({
      columns: ["sessions back", ...heads],
      rows: last.sessions.map((_, back) => [
        String(back),
        ...folds.map(({ sessions }) => percent(sessions[sessions.length - 1 - back] ?? 0)),
      ]),
    }),
  ];
  if (last.peers.length > 0) {
    parts.push(
      "<p>Mean weight of the strongest, second, … correlated peer.</p>",
      table({
        columns: ["peer", ...heads],
        rows: last.peers.map((_, i) => [
          String(i + 1),
          ...folds.map(({ peers }) => percent(peers[i] ?? 0)),
        ]),
      }),
    );
  }
  const lead = "Weights are what the network used, not what caused a return.";
  return [{ title: "What the network looked at", lead, body: parts.join("\n") }];
}
