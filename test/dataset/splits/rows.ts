// Synthetic rows for split tests: a few stocks on weekdays, one of which may miss sessions.

import type { LabelledRows } from "../../../src/dataset/splits/index.ts";

export interface RowsOptions {
  readonly sessions: number;
  readonly stocks?: number;
  readonly horizon?: number;
  /** Extra sessions that stock 0's labels reach, as after a suspension. */
  readonly delay?: number;
}

export function labelledRows({
  sessions: count,
  stocks = 3,
  horizon = 5,
  delay = 0,
}: RowsOptions): LabelledRows {
  const dates = Int32Array.from(
    { length: count },
    (_, i) => 18_000 + Math.floor(i / 5) * 7 + (i % 5),
  );
  const rows = count * stocks;
  const sessions = Int32Array.from({ length: rows }, (_, row) => Math.floor(row / stocks));
  const codes = Int32Array.from({ length: rows }, (_, row) => row % stocks);
  const labelEnds = sessions.map((session, row) => {
    const end = session + horizon + (codes[row] === 0 ? delay : 0);
    return end < count ? end : session;
  });
  return { dates, sessions, codes, labelEnds, horizon };
}
