// What a network looked at, as sections of a report: features, lags, peers.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { ArtifactError } from "../errors.ts";
import { axisStyle, chart, legendStyle, type Section, table } from "../page/index.ts";

type Fold = z.infer<typeof schema>[number];

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
  const share = (fold: Fold, feature: string): string =>
    percent(fold.features.find((entry) => entry.feature === feature)?.weight ?? 0);
  const heads = folds.map(({ fold }) => `fold ${fold + 1}`);
  const parts = [
    "<p>Mean selection weight of each feature over the last five test sessions of a fold; all features sum to 100 %.</p>",
    table({
      columns: ["feature", ...heads],
      rows: last.features
        .slice(0, top)
        .map(({ feature }) => [feature, ...folds.map((fold) => share(fold, feature))]),
    }),
    attentionChart(folds),
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

/** Mean attention to each session of the window, oldest first as in a calendar; 0 is the session that is forecast from. */
function attentionChart(folds: readonly Fold[]): string {
  const [{ sessions }] = folds;
  return chart(
    () => ({
      grid: { left: 48, right: 12, top: 36, bottom: 44 },
      legend: legendStyle,
      xAxis: {
        type: "category",
        data: sessions.map((_, at) => String(at + 1 - sessions.length)),
        name: "session, 0 the last",
        nameLocation: "middle",
        nameGap: 28,
        ...axisStyle,
        splitLine: { show: false },
      },
      yAxis: { type: "value", name: "%", ...axisStyle },
      series: folds.map((fold) => ({
        name: `fold ${fold.fold + 1}`,
        type: "line" as const,
        silent: true,
        showSymbol: false,
        data: fold.sessions.map((weight) => Number((100 * weight).toFixed(2))),
      })),
    }),
    { label: "Mean attention to each session of the window" },
  );
}
