import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { epochDay } from "../../../src/calendar/index.ts";
import { market, serve, textOf, type Row, type ServerUnderTest } from "./server-under-test.ts";

const now = "2026-10-21T20:00";

interface Listed {
  readonly Key: string;
  readonly LastModified: string;
  readonly Size: number;
}

async function list(server: ServerUnderTest, query: string): Promise<Listed[]> {
  const rows = await server.rows(`/bulk/list?${query}`);
  return rows.map((row) => ({
    Key: textOf(row, "Key"),
    LastModified: textOf(row, "LastModified"),
    Size: Number(row["Size"]),
  }));
}

async function urlOf(server: ServerUnderTest, query: string): Promise<string> {
  const { body } = await server.get(`/bulk/get?${query}`);
  return String(body.url).replace(/^http:\/\/[^/]*/, "");
}

async function download(server: ServerUnderTest, query: string): Promise<Buffer> {
  return (await server.app.inject(await urlOf(server, query))).rawPayload;
}

const bars = "endpoint=/equities/bars/daily";

describe("/bulk/list", () => {
  const server = serve(now, { plan: "standard" });

  it("gives a file a past month and a file a session of the current one, by key", async () => {
    const keys = (await list(server, `${bars}&from=2026-08`)).map(({ Key }) => Key);
    expect(keys.slice(0, 3)).toEqual([
      "equities/bars/daily/historical/2026/equities_bars_daily_202608.csv.gz",
      "equities/bars/daily/historical/2026/equities_bars_daily_202609.csv.gz",
      "equities/bars/daily/live/equities_bars_daily_20261001.csv.gz",
    ]);
    expect(keys.at(-1)).toBe("equities/bars/daily/live/equities_bars_daily_20261021.csv.gz");
    expect(keys).toHaveLength(2 + 14);
    expect(keys).toEqual([...keys].sort());
  });

  it("serves the month before by the day until it is folded", async () => {
    const early = serve("2026-10-02T20:00", { plan: "standard" });
    const keys = (await list(early, `${bars}&from=2026-09`)).map(({ Key }) => Key);
    expect(keys[0]).toBe("equities/bars/daily/live/equities_bars_daily_20260901.csv.gz");
    await early.control("clock", { now: "2026-10-04T12:00" });
    const folded = (await list(early, `${bars}&from=2026-09`)).map(({ Key }) => Key);
    expect(folded[0]).toMatch(/historical\/2026\/equities_bars_daily_202609/);
  });

  it("adds a day's file when its rows are out", async () => {
    const noon = serve("2026-10-21T12:00", { plan: "standard" });
    const last = async (): Promise<string | undefined> => (await list(noon, bars)).at(-1)?.Key;
    expect(await last()).toMatch(/20261020/);
    await noon.control("clock", { now: "2026-10-21T16:30" });
    expect(await last()).toMatch(/20261021/);
  });

  it("keeps hyphens in file names", async () => {
    const [file] = await list(server, "endpoint=/markets/short-ratio&from=2026-09");
    expect(file.Key).toBe("markets/short-ratio/historical/2026/markets_short-ratio_202609.csv.gz");
  });

  it("lists for a period all data sets of the plan, the calendar left out", async () => {
    const keys = (await list(server, "date=2026-09")).map(({ Key }) => Key.split("/historical")[0]);
    expect(keys).toContain("markets/margin-interest");
    expect(keys).not.toContain("fins/dividend");
    expect(keys).not.toContain("markets/calendar");
    expect(keys).not.toContain("edinet/major-shareholders");
  });

  it("begins with the month of the window's first day", async () => {
    const free = serve(now, { plan: "light" });
    const [first] = await list(free, bars);
    expect(first.Key).toMatch(/202409/);
    expect((await free.get(`/bulk/list?${bars}&from=2020-01&to=2020-12`)).status).toBe(400);
  });

  it("gives Free the calendar's single file and nothing else", async () => {
    const free = serve(now, { plan: "free" });
    expect(await list(free, "endpoint=/markets/calendar")).toHaveLength(1);
    expect((await free.get(`/bulk/list?${bars}`)).status).toBe(403);
    expect((await free.get("/bulk/get?key=markets/calendar/markets_calendar.csv.gz")).status).toBe(
      200,
    );
  });

  it("needs the add-on for ticks", async () => {
    const query = "/bulk/list?endpoint=/equities/trades&from=202610";
    expect((await serve(now, { addons: [] }).get(query)).status).toBe(403);
    expect((await serve(now, { addons: ["minute"] }).get(query)).status).toBe(200);
  });
});

describe("bulk files", () => {
  const server = serve(now, { plan: "standard" });

  it("have the size of the list and the rows of the API, adjusted columns left out", async () => {
    const [file] = await list(server, `${bars}&from=2026-09&to=2026-09`);
    const bytes = await download(server, `key=${file.Key}`);
    expect(bytes.length).toBe(file.Size);
    const [header, ...lines] = gunzipSync(bytes).toString().trimEnd().split("\n");
    expect(header).toBe("Date,Code,O,H,L,C,UL,LL,Vo,Va,AdjFactor,MktCap,ExRT");
    const rows = await server.rows("/equities/bars/daily?date=20260910");
    const ofDay = lines.filter((line) => line.startsWith("2026-09-10"));
    expect(ofDay).toEqual(rows.map((row) => csvLine(row, header.split(","))));
  });

  it.each(["/equities/bars/daily", "/equities/master", "/equities/valuation", "/fins/summary"])(
    "of %s have the announced size in every month",
    async (path) => {
      for (const file of await list(server, `endpoint=${path}&to=2026-09`)) {
        const bytes = await download(server, `key=${file.Key}`);
        expect([file.Key, bytes.length]).toEqual([file.Key, file.Size]);
      }
    },
  );

  it("write a missing value as an empty cell and flatten nested fields", async () => {
    const alert = market
      .rows("/markets/margin-alert", { fromDay: 0, toDay: epochDay("2026-09-30") })
      .at(-1)!;
    const month = textOf(alert.row, "PubDate").slice(0, 7);
    const bytes = await download(server, `endpoint=/markets/margin-alert&date=${month}`);
    const [header] = gunzipSync(bytes).toString().split("\n");
    expect(header).toMatch(/PubReason\.Restricted,PubReason\.DailyPublication/);
    const halted = await download(server, "endpoint=/markets/margin-interest&date=2026-08");
    expect(gunzipSync(halted).toString()).toMatch(/\n2026-08-\d\d,,/);
  });

  it("hold ticks under their long names", async () => {
    const bytes = await download(server, "endpoint=/equities/trades&date=2026-10-20");
    const [header, first] = gunzipSync(bytes).toString().split("\n");
    expect(header).toBe("Date,Code,Time,SessionDistinction,Price,TradingVolume,TransactionId");
    expect(first).toMatch(/^2026-10-20,\w{5},09:\d\d:\d\d\.\d{6},01,[\d.]+,\d+,000000000001$/);
  });

  it("hold the sessions' columns on Premium", async () => {
    const bytes = await download(serve(now), `${bars}&date=2026-10-20`);
    const [header] = gunzipSync(bytes).toString().split("\n");
    expect(header.split(",")).toHaveLength(29);
  });

  it("change LastModified and Size when a row is corrected, and nothing else does", async () => {
    const corrected = serve(now, { plan: "standard" });
    const before = await list(corrected, `${bars}&from=2026-08`);
    const [row] = await corrected.rows("/equities/bars/daily?date=20260910");
    const where = { Date: "2026-09-10", Code: textOf(row, "Code") };
    await corrected.control("faults", {
      kind: "correct",
      path: "/equities/bars/daily",
      where,
      set: { C: 12_345.5 },
    });
    const after = await list(corrected, `${bars}&from=2026-08`);
    const changed = after.filter(
      (file, i) => file.LastModified !== before[i].LastModified || file.Size !== before[i].Size,
    );
    expect(changed.map(({ Key }) => Key)).toEqual([
      "equities/bars/daily/historical/2026/equities_bars_daily_202609.csv.gz",
    ]);
    expect(changed[0].LastModified).toBe("2026-10-21T11:00:00Z");
  });
});

function csvLine(row: Row, columns: readonly string[]): string {
  return columns
    .map((column) => row[column])
    .map((value) => {
      if (value === null) return "";
      return typeof value === "number" && Number.isInteger(value)
        ? `${value}.0`
        : String(value as string | number);
    })
    .join(",");
}

describe("signed URLs", () => {
  const query = `${bars}&date=2026-10-20`;

  it("end with the file's name, need no key and work once", async () => {
    const server = serve(now);
    const url = await urlOf(server, query);
    expect(url.split("?")[0]).toMatch(/\/equities_bars_daily_20261020\.csv\.gz$/);
    expect((await server.app.inject(url)).statusCode).toBe(200);
    const again = await server.app.inject(url);
    expect([again.statusCode, again.headers["content-type"]]).toEqual([403, "application/xml"]);
    expect(again.body).toMatch(/<Code>AccessDenied<\/Code>/);
  });

  it("expire after five minutes", async () => {
    const server = serve(now);
    const [early, late] = [await urlOf(server, query), await urlOf(server, query)];
    server.wallClock.advance(300_000);
    expect((await server.app.inject(early)).statusCode).toBe(200);
    server.wallClock.advance(1);
    expect((await server.app.inject(late)).statusCode).toBe(403);
  });

  it("to files outside the window or that do not exist are not given", async () => {
    const server = serve(now, { plan: "standard" });
    for (const key of [
      "equities/bars/daily/historical/2010/equities_bars_daily_201001.csv.gz",
      "equities/nothing/historical/2026/equities_nothing_202609.csv.gz",
    ]) {
      expect((await server.get(`/bulk/get?key=${key}`)).status).toBe(400);
    }
  });

  it("count as one request, and the download as none", async () => {
    const server = serve(now, { plan: "light", rateLimits: true });
    for (let i = 0; i < 60; i += 1) {
      expect((await server.app.inject(await urlOf(server, query))).statusCode).toBe(200);
    }
    expect((await server.get(`/bulk/get?${query}`)).status).toBe(429);
  });
});
