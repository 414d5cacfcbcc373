// Cuts ten codes and the columns that features read out of a simulated lake, as Parquet: `node test/golden/make/records-lake.ts`.

import { rmSync } from "node:fs";
import { join } from "node:path";
import { simulatedLake } from "../../dataset/simulated-lake.ts";

/** Splits both ways, a consolidation, days without trades, two delistings, a late listing, daily margin, IFRS, non-consolidated. */
const codes = "18370 67290 24490 83250 81090 40280 56150 17120 30520 79690 82730".split(" ");

const ofCodes = `"Code" IN (${codes.map((code) => `'${code}'`).join(", ")})`;

/** Table, columns, and condition; rows of emergency snapshots are added by hand, the market has none. */
const cuts: readonly (readonly [string, string, string])[] = [
  ["equities_bars_daily", `"Date", "Code", "O", "H", "L", "C", "Vo", "Va", "AdjFactor"`, ofCodes],
  ["equities_master", "*", ofCodes],
  ["indices_bars_daily_topix", "*", "true"],
  ["indices_bars_daily", "*", `"Code" = '0075'`],
  ["markets_calendar", "*", `"Date" >= DATE '2021-01-01'`],
  ["equities_investor_types", "*", "true"],
  ["fins_summary", "*", ofCodes],
  ["fins_details", "*", ofCodes],
  ["fins_dividend", "*", ofCodes],
  ["fins_earnings_date", "*", ofCodes],
  ["markets_margin_interest", "*", ofCodes],
  ["markets_margin_alert", "*", ofCodes],
  ["markets_short_ratio", "*", "true"],
  ["markets_short_sale_report", "*", ofCodes],
  ["markets_breakdown", `COLUMNS('Date|Code|Va$|available_at')`, ofCodes],
  [
    "derivatives_bars_daily_options_225",
    `"Date", "Code", "OI", "Vo", "Va", "Strike", "EmMrgnTrgDiv", "PCDiv", "LTD", "UnderPx", "IV", available_at`,
    `"Strike" % 500 = 0`,
  ],
  ["derivatives_bars_daily_futures", "*", `"ProdCat" IN ('TOPIXF', 'NK225F', 'JN400F', 'REITF')`],
];

const emergencies = new Map([
  ["derivatives_bars_daily_options_225", `"IV" + 7 AS "IV"`],
  ["derivatives_bars_daily_futures", `"AC" * 0.9 AS "AC"`],
]);

const lake = await simulatedLake({
  seed: 7,
  stocks: 80,
  from: "2021-06-01",
  to: "2023-12-29",
  signal: "planted",
  paths: cuts.map(([table]) => lakePath(table)),
});
const connection = await lake.connect();
for (const [table, columns, condition] of cuts) {
  const change = emergencies.get(table);
  const file = join(import.meta.dirname, "../records", `${table}.parquet`);
  const plain = `SELECT ${columns} FROM ${table} WHERE ${condition}`;
  const snapshot = `SELECT * REPLACE (${change}, '001' AS "EmMrgnTrgDiv") FROM (${plain}) WHERE day("Date") = 14`;
  await connection.run(
    `COPY (SELECT * FROM (${change === undefined ? plain : `${plain} UNION ALL ${snapshot}`}) ORDER BY ALL) TO '${file}' (FORMAT parquet, COMPRESSION zstd)`,
  );
}
connection.closeSync();
rmSync(lake.home, { recursive: true });

function lakePath(table: string): string {
  const paths = new Map([
    ["derivatives_bars_daily_options_225", "/derivatives/bars/daily/options/225"],
    ["derivatives_bars_daily_futures", "/derivatives/bars/daily/futures"],
    ["equities_bars_daily", "/equities/bars/daily"],
    ["indices_bars_daily_topix", "/indices/bars/daily/topix"],
    ["indices_bars_daily", "/indices/bars/daily"],
  ]);
  return paths.get(table) ?? `/${table.replace("_", "/").replaceAll("_", "-")}`;
}
