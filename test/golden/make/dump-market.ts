// Prints the synthetic market that the golden feature values are computed on, as CSV: `node test/golden/make/dump-market.ts stocks|series|sectors`.

import { goldenMarket } from "../../features/golden-market.ts";

const { panel, rows, series, sectorSeries, groups } = goldenMarket();
const sessions = panel.dates.length;
const part = process.argv[2];

function line(values: readonly (string | number)[]): string {
  return values.map((value) => (value !== value ? "" : String(value))).join(",");
}

function* stocks(): Generator<string> {
  const names = panel.columnNames.filter((name) => !name.endsWith("_id"));
  yield line(["code", "session", "row", ...names, ...groups.keys()]);
  for (let code = 0; code < panel.codes.length; code += 1) {
    for (let d = 0; d < sessions; d += 1) {
      const cell = code * sessions + d;
      const values = names.map((name) => panel.column(name)[cell]);
      const numbers = [...groups.values()].map((group) => group[cell]);
      yield line([code, d, rows.rowOfCell[cell], ...values, ...numbers]);
    }
  }
}

function* market(): Generator<string> {
  yield line(["session", ...series.keys()]);
  for (let d = 0; d < sessions; d += 1) yield line([d, ...[...series.values()].map((v) => v[d])]);
}

function* sectors(): Generator<string> {
  yield line(["sector", "session", ...sectorSeries.keys()]);
  for (let sector = 0; sector < 3; sector += 1) {
    for (let d = 0; d < sessions; d += 1) {
      yield line([
        sector,
        d,
        ...[...sectorSeries.values()].map((values) => values[sector * sessions + d]),
      ]);
    }
  }
}

const lines = part === "stocks" ? stocks() : part === "series" ? market() : sectors();
for (const text of lines) process.stdout.write(`${text}\n`);
