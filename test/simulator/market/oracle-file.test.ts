import { DuckDBInstance } from "@duckdb/node-api";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { writeOracle } from "../../../src/simulator/oracle-file.ts";
import { makeMarket } from "./small-market.ts";

test("the oracle's file has one row a listed issue and session, equal to the oracle's expectations", async () => {
  const market = await makeMarket({
    from: "2024-01-04",
    to: "2024-06-28",
    stocks: 30,
    signal: "planted",
  });
  const folder = await mkdtemp(join(tmpdir(), "oracle-"));
  try {
    const path = join(folder, "oracle.parquet");
    const rows = await writeOracle(market, path);
    const expected = market.issues.reduce((sum, issue) => sum + issue.delisted - issue.listed, 0);
    expect(rows).toBe(expected);
    const connection = await (await DuckDBInstance.create(":memory:")).connect();
    const reader = await connection.runAndReadAll(
      `SELECT code, CAST(date AS VARCHAR) AS date, expected_1d, expected_20d FROM '${path}' ORDER BY code, date`,
    );
    const found = reader.getRowObjects();
    expect(found).toHaveLength(expected);
    for (const row of found.slice(0, 500)) {
      const issue = market.issues.find(({ code }) => code === row["code"]);
      const session = [...market.sessions.days].findIndex(
        (_, d) => market.sessions.iso(d) === row["date"],
      );
      expect(row["expected_1d"]).toBeCloseTo(
        market.oracle.expectation(session, issue?.index ?? -1, 1),
        7,
      );
      expect(row["expected_20d"]).toBeCloseTo(
        market.oracle.expectation(session, issue?.index ?? -1, 20),
        7,
      );
    }
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("no served row has anything of the oracle in it", async () => {
  const market = await makeMarket({
    from: "2024-01-04",
    to: "2024-03-29",
    stocks: 30,
    signal: "planted",
  });
  expect(market.paths.filter((path) => /oracle|expect/i.test(path))).toEqual([]);
  expect(() => market.rows("/oracle", { fromDay: 0, toDay: 1 })).toThrow(/has no rows/);
});
