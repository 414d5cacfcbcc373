// Bundles of columns from the trailing sessions of many stocks: the window is gathered once a group and session.

import type { PanelBundle } from "./feature.ts";
import { linksReader } from "./panel-links.ts";
import type { EngineContext } from "./engine-context.ts";
import { memberSplitter, widestDay } from "./whole-steps.ts";

type ReadCell = (code: number, session: number) => number;

/** Fills all columns of a bundle for the sessions from `from` to before `to`; sessions before a full window stay NaN. */
export function runPanel(
  context: EngineContext,
  bundle: PanelBundle,
  from: number,
  to: number,
): void {
  const { data, columns } = context;
  const { window, within, outputs, inputs, compute, links } = bundle;
  const { dayStart, codeOfRow } = data.rows;
  const targets = outputs.map((name) => columns.rows(name));
  const widest = widestDay(dayStart);
  const readers = inputs.map((input) => cellReader(context, input));
  const windows = inputs.map(() => new Float64Array(widest * window));
  const results = outputs.map(() => new Float64Array(widest));
  const split = memberSplitter(data, within);
  for (const target of targets) target.subarray(dayStart[from], dayStart[to]).fill(Number.NaN);
  const linksAmong = links && linksReader(links, data.panel, cellReader(context, links.input));
  for (let day = Math.max(from, window - 1); day < to; day += 1) {
    const start = dayStart[day];
    for (const members of split(day, dayStart[day + 1] - start)) {
      if (members.length === 0) continue;
      const own = Int32Array.from(members, (place) => codeOfRow[start + place]);
      readers.forEach((read, k) => {
        for (let m = 0; m < members.length; m += 1) {
          const code = own[m];
          for (let t = 0; t < window; t += 1) {
            windows[k][m * window + t] = read(code, day - window + 1 + t);
          }
        }
      });
      const outs = results.map((values) => values.subarray(0, members.length).fill(Number.NaN));
      compute(
        windows.map((values) => values.subarray(0, members.length * window)),
        members.length,
        outs,
        linksAmong?.(day, own),
      );
      targets.forEach((target, k) => {
        for (let m = 0; m < members.length; m += 1) target[start + members[m]] = outs[k][m];
      });
    }
  }
}

function cellReader({ registry, data, columns }: EngineContext, name: string): ReadCell {
  const sessions = data.panel.dates.length;
  if (!registry.has(name)) {
    const column = data.panel.column(name);
    return (code, session) => column[code * sessions + session];
  }
  const column = columns.rows(name);
  const { rowOfCell } = data.rows;
  return (code, session) => {
    const row = rowOfCell[code * sessions + session];
    return row < 0 ? Number.NaN : column[row];
  };
}
