// Corrections count from the day they are known; ex-dates follow the settlement of their time.

import { DuckDBInstance } from "@duckdb/node-api";
import { describe, expect, test } from "vitest";
import { map1 } from "../../src/features/elementwise.ts";
import { dividendForecastEvents } from "../../src/features/families/expected-dividend.ts";
import { asKnown } from "../../src/features/record-history.ts";
import { rollingMean } from "../../src/stats/index.ts";

function records(days: readonly number[]): Parameters<ReturnType<typeof asKnown>>[2] {
  return {
    count: days.length,
    day: Int32Array.from(days),
    session: Int32Array.from(days, (_, i) => i),
  };
}

function meanOf3(days: readonly number[], values: readonly number[]): readonly number[] {
  const out = new Float64Array(values.length);
  const kernel = asKnown(3, ([input], into) => rollingMean(input, 3, into));
  kernel([Float64Array.from(values)], out, records(days));
  return [...out];
}

describe("asKnown", () => {
  test("is the plain kernel while days only ascend", () => {
    expect(meanOf3([1, 2, 3, 4], [1, 2, 3, 7])).toEqual([Number.NaN, Number.NaN, 2, 4]);
  });

  test("counts a corrected day once, with its correction from then on", () => {
    expect(meanOf3([1, 2, 3, 3, 4], [1, 2, 3, 9, 1])).toEqual([Number.NaN, Number.NaN, 2, 4, 4]);
  });

  test("keeps the latest day's value when an older day is corrected", () => {
    const out = new Float64Array(3);
    asKnown(
      1,
      map1((value) => value),
    )([Float64Array.of(5, 6, 50)], out, records([1, 2, 1]));
    expect([...out]).toEqual([5, 6, 6]);
  });
});

describe("forecast dividends", () => {
  const filing = `'13010', TIMESTAMPTZ '2019-05-10 15:30:00+09', DATE '2019-05-10'`;

  async function exDates(fiscalYearEnd: string): Promise<readonly unknown[]> {
    const connection = await (await DuckDBInstance.create(":memory:", { threads: "1" })).connect();
    await connection.run(
      `CREATE TABLE markets_calendar AS SELECT CAST(d AS DATE) AS "Date", CASE WHEN isodow(d) > 5 OR d = DATE '2019-07-15' THEN '0' ELSE '1' END AS "HolDiv",
        TIMESTAMPTZ '2018-04-01 00:00:00+09' AS available_at FROM range(DATE '2019-01-01', DATE '2020-12-31', INTERVAL 1 DAY) r(d)`,
    );
    await connection.run(
      `CREATE TABLE feature_splits AS SELECT '13010' AS "Code", DATE '2019-04-01' AS split_day, 0.5 AS basis`,
    );
    const none = ["FDiv1Q", "FDiv2Q", "FDiv3Q", "NxFDiv1Q", "NxFDiv2Q", "NxFDiv3Q", "NxFDivFY"];
    await connection.run(
      `CREATE TABLE fins_summary AS SELECT * FROM (VALUES (${filing}, DATE '${fiscalYearEnd}', CAST(NULL AS DATE), '10', ${none.map(() => "''").join(", ")}))
        v("Code", available_at, "DiscDate", "CurFYEn", "NxtFYEn", "FDivFY", ${none.map((name) => `"${name}"`).join(", ")})`,
    );
    const reader = await connection.runAndReadAll(
      `SELECT CAST(c."Date" AS VARCHAR), e.amount FROM (${dividendForecastEvents.sql}) e
        JOIN (SELECT "Date", "HolDiv", count(*) FILTER ("HolDiv" = '1') OVER (ORDER BY "Date") AS number FROM markets_calendar) c
        ON c.number = e.ex_number AND c."HolDiv" = '1'`,
    );
    return reader.getRows();
  }

  test("go ex two sessions before the record date while trades settled in three days", async () => {
    expect(await exDates("2019-06-30")).toEqual([["2019-06-26", 20]]);
    expect(await exDates("2019-07-16")).toEqual([["2019-07-11", 20]]);
  });

  test("go ex the session before it since 2019-07-16", async () => {
    expect(await exDates("2019-07-17")).toEqual([["2019-07-16", 20]]);
    expect(await exDates("2020-03-31")).toEqual([["2020-03-30", 20]]);
  });
});
