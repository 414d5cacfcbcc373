// What features need to vary does so in small markets too.

import { expect, test } from "vitest";
import { allRows, makeMarket } from "./small-market.ts";

const market = await makeMarket({ stocks: 200, from: "2022-06-01", to: "2022-07-29" });

test("REITs fill each of their three indices from 200 issues on", () => {
  for (const code of ["0075", "8501", "8502", "8503"]) {
    const closes = allRows(market, "/indices/bars/daily").filter((row) => row["Code"] === code);
    expect(new Set(closes.map((row) => row["C"])).size, code).toBeGreaterThan(20);
  }
});

test("futures on the JPX-Nikkei 400 have a central month every session", () => {
  const rows = allRows(market, "/derivatives/bars/daily/futures").filter(
    (row) => row["ProdCat"] === "JN400F" && row["CCMFlag"] === "1",
  );
  expect(new Set(rows.map((row) => row["Date"])).size).toBe(market.sessions.count);
  expect(new Set(rows.map((row) => row["Settle"])).size).toBeGreaterThan(20);
});

test("an issue under daily publication has one reason, two or three", () => {
  const counts = allRows(market, "/markets/margin-alert").map(
    ({ PubReason }) => Object.values(PubReason ?? {}).filter((flag) => flag === "1").length,
  );
  expect(new Set(counts)).toEqual(new Set([1, 2, 3]));
});
