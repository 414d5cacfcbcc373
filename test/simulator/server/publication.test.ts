import { epochDay, isoDate } from "../../../src/calendar/index.ts";
import { describe, expect, it } from "vitest";
import { busyDay, market, serve, type Row, textOf } from "./server-under-test.ts";

describe("the virtual clock decides what has been published", () => {
  it("daily bars of a day come at 16:30", async () => {
    const server = serve("2026-10-29T16:29");
    const path = "/equities/bars/daily?date=2026-10-29";
    expect(await server.rows(path)).toEqual([]);
    expect(await server.control("clock", { advance: "PT1M" })).toBe(200);
    expect((await server.rows(path)).length).toBeGreaterThan(30);
  });

  it("a query without dates ends with what is out", async () => {
    const server = serve("2026-10-29T16:29");
    const last = async (): Promise<unknown> =>
      (await server.rows("/indices/bars/daily/topix")).at(-1)?.["Date"];
    expect(await last()).toBe("2026-10-28");
    await server.control("clock", { now: "2026-10-29T16:30:00+09:00" });
    expect(await last()).toBe("2026-10-29");
  });

  it("a future day, a Sunday and a holiday are empty, not errors", async () => {
    const { get } = serve("2026-10-30T20:00");
    for (const date of ["20261101", "20261102", "20261012"]) {
      expect((await get(`/equities/bars/daily?date=${date}`)).text).toBe('{"data":[]}');
    }
  });

  it("options of a day come at three the next morning", async () => {
    const server = serve("2026-10-30T02:59");
    const path = "/derivatives/bars/daily/options/225?date=20261029";
    expect(await server.rows(path)).toEqual([]);
    server.clock.advance(60_000);
    expect((await server.rows(path)).length).toBeGreaterThan(0);
  });

  it("statements reach Premium as they are disclosed and the others in the evening", async () => {
    const path = `/fins/summary?date=${busyDay}`;
    const at = async (now: string, plan: "standard" | "premium"): Promise<number> =>
      (await serve(now, { plan }).rows(path)).length;
    const midnight = `${isoDate(epochDay(busyDay) + 1)}T00:30`;
    const all = await at(midnight, "standard");
    expect(all).toBeGreaterThan(0);
    expect(await at(`${busyDay}T17:59`, "standard")).toBe(0);
    expect(await at(`${busyDay}T17:59`, "premium")).toBeGreaterThan(0);
    expect(await at(`${busyDay}T07:00`, "premium")).toBe(0);
    expect(await at(midnight, "premium")).toBe(all);
  });

  it("refuses clock bodies that are not an instant or a duration", async () => {
    const server = serve("2026-10-30T20:00");
    for (const body of [{ now: "yesterday" }, { advance: "1 hour" }, { to: "2026-10-30" }]) {
      expect(await server.control("clock", body)).toBe(400);
    }
  });
});

describe("adjusted prices", () => {
  const event = market.prices.events.find(({ kind, session }) => kind === "1" && session > 60)!;
  const code = market.issues[event.issue].code;
  const exDate = market.sessions.iso(event.session);
  const before = market.sessions.iso(event.session - 1);

  async function bar(now: string, date: string): Promise<Row> {
    const [row] = await serve(now).rows(`/equities/bars/daily?code=${code}&date=${date}`);
    return row;
  }

  it("of a day before a split are raw until the ex-date's bars are out, and adjusted then", async () => {
    const early = await bar(`${before}T20:00`, before);
    expect(early["AdjC"]).toBe(early["C"]);
    const late = await bar(`${exDate}T20:00`, before);
    expect(late["C"]).toBe(early["C"]);
    expect(late["AdjC"]).toBeCloseTo(Number(early["C"]) * event.factor, 0);
    expect(late["AdjVo"]).toBeCloseTo(Number(early["Vo"]) / event.factor, 6);
  });

  it("carry the factor and the kind on the ex-date alone", async () => {
    const now = "2026-10-30T20:00";
    const [onDay, dayBefore] = [await bar(now, exDate), await bar(now, before)];
    expect([onDay["AdjFactor"], onDay["ExRT"]]).toEqual([event.factor, "1"]);
    expect([dayBefore["AdjFactor"], dayBefore["ExRT"]]).toEqual([1, null]);
  });
});

describe("/equities/master", () => {
  const dates = async (now: string, query: string): Promise<unknown[]> => {
    const rows = await serve(now, { plan: "standard" }).rows(`/equities/master${query}`);
    return [...new Set(rows.map((row) => row["Date"]))];
  };

  it("rolls a day without a session forward", async () => {
    expect(await dates("2026-10-26T20:00", "?date=20261010")).toEqual(["2026-10-13"]);
  });

  it("answers a future date with the next session's snapshot once that is out at 17:30", async () => {
    expect(await dates("2026-10-29T17:29", "?date=20270110")).toEqual(["2026-10-29"]);
    expect(await dates("2026-10-29T17:30", "?date=20270110")).toEqual(["2026-10-30"]);
  });

  it("answers without a date with today's", async () => {
    expect(await dates("2026-10-29T09:00", "")).toEqual(["2026-10-29"]);
  });

  it("gives one issue for a code, and none for an unknown one", async () => {
    const { rows } = serve("2026-10-29T20:00");
    const { code } = market.issues[0];
    expect((await rows(`/equities/master?code=${code}`)).map((row) => row["Code"])).toEqual([code]);
    expect(await rows("/equities/master?code=0000")).toEqual([]);
  });

  it("resolves four characters to the ordinary share", async () => {
    const { rows } = serve("2026-10-29T20:00");
    const found = await rows(`/equities/master?code=${market.issues[3].code.slice(0, 4)}`);
    expect(found.map((row) => row["Code"])).toEqual([`${market.issues[3].code.slice(0, 4)}0`]);
  });
});

describe("/equities/bars/daily/am", () => {
  it("is there from noon until six the next morning", async () => {
    const status = async (now: string): Promise<number> =>
      (await serve(now).get("/equities/bars/daily/am")).status;
    expect(await status("2026-10-29T11:59")).toBe(210);
    expect(await status("2026-10-29T12:00")).toBe(200);
    expect(await status("2026-10-30T05:59")).toBe(200);
    expect(await status("2026-10-30T06:00")).toBe(210);
  });
});

describe("/equities/earnings-calendar", () => {
  it("moves on to the next session at 19:00", async () => {
    const dates = async (now: string): Promise<unknown[]> => {
      const rows = await serve(now).rows("/equities/earnings-calendar");
      return [...new Set(rows.map((row) => row["Date"]))];
    };
    const [{ row }] = market.rows("/equities/earnings-calendar", {
      fromDay: epochDay("2026-05-11"),
      toDay: epochDay("2026-05-20"),
    });
    const day = textOf(row, "Date");
    const eve = isoDate(market.sessions.calendar.previous(epochDay(day)));
    expect(await dates(`${eve}T18:59`)).not.toContain(day);
    expect(await dates(`${eve}T19:00`)).toEqual([day]);
    expect(await dates(`${day}T15:00`)).toEqual([day]);
  });
});

describe("/fins/earnings-date", () => {
  it("finds by scheduled date the schedules that stand", async () => {
    const { rows } = serve("2026-10-30T20:00");
    const scheduled = await rows("/fins/earnings-date?scheduled_date=20260514");
    expect(scheduled.length).toBeGreaterThan(0);
    for (const row of scheduled) {
      const history = await rows(`/fins/earnings-date?code=${textOf(row, "Code")}`);
      const same = history.filter(
        (each) => each["FQName"] === row["FQName"] && each["FYE"] === row["FYE"],
      );
      const last = same.filter((each) => textOf(each, "PubDate") <= "2026-05-14").at(-1);
      expect(last?.["SchDate"]).toBe("2026-05-14");
    }
  });
});

describe("ranges and filters", () => {
  const { rows } = serve("2026-10-30T20:00");
  const { code } = market.issues[0];

  it("from and to bound the dating field, both ends included", async () => {
    const found = await rows(`/equities/bars/daily?code=${code}&from=20261001&to=2026-10-09`);
    expect(found.map((row) => row["Date"])).toEqual(
      ["01", "02", "05", "06", "07", "08", "09"].map((day) => `2026-10-${day}`),
    );
  });

  it("a date wins over from and to", async () => {
    const query = `?code=${code}&date=20261005&from=20261001&to=20261009`;
    expect((await rows(`/equities/bars/daily${query}`)).map((row) => row["Date"])).toEqual([
      "2026-10-05",
    ]);
  });

  it("TOPIX ignores a date", async () => {
    const found = await rows("/indices/bars/daily/topix?date=20261005&from=20261028");
    expect(found).toHaveLength(3);
  });

  it("sections, industries, divisions and contract flags select", async () => {
    const sections = await rows("/equities/investor-types?section=TSEPrime");
    expect(new Set(sections.map((row) => row["Section"]))).toEqual(new Set(["TSEPrime"]));
    const ratios = await rows("/markets/short-ratio?s33=3650&from=20261001");
    expect(new Set(ratios.map((row) => row["S33"]))).toEqual(new Set(["3650"]));
    const halves = await rows("/markets/calendar?hol_div=3&from=20260101&to=20261030");
    expect(new Set(halves.map((row) => row["HolDiv"]))).toEqual(new Set(["3"]));
    const central = await rows("/derivatives/bars/daily/futures?date=20261028&contract_flag=1");
    expect(new Set(central.map((row) => row["CCMFlag"]))).toEqual(new Set(["1"]));
    const mini = await rows("/derivatives/bars/daily/futures?date=20261028&category=NK225F");
    expect(new Set(mini.map((row) => row["ProdCat"]))).toEqual(new Set(["NK225F"]));
  });

  it("margin balances are found by the day of their publication", async () => {
    const found = await rows("/markets/margin-interest?published_date=20261028");
    expect(found.length).toBeGreaterThan(0);
    expect(new Set(found.map((row) => row["PubDate"]))).toEqual(new Set(["2026-10-28"]));
  });

  it("positions are found by the day of their calculation", async () => {
    const [{ row: sample }] = market.rows("/markets/short-sale-report", {
      fromDay: epochDay("2026-10-01"),
      toDay: epochDay("2026-10-28"),
    });
    const found = await rows(`/markets/short-sale-report?calc_date=${textOf(sample, "CalcDate")}`);
    expect(found).toContainEqual(sample);
  });

  it("EDINET reports are found by EDINET code and by company", async () => {
    const byCode = await rows(`/edinet/major-shareholders?code=${code}`);
    const byEdinet = await rows(
      `/edinet/major-shareholders?edinet_code=${textOf(byCode[0], "EdinetCode")}`,
    );
    expect(byEdinet).toEqual(byCode);
  });

  it("disclosures are found by item codes, all of which must be there", async () => {
    const found = await rows(`/td/list?code=${code}&discItems=101`);
    expect(found.length).toBeGreaterThan(0);
    expect(await rows(`/td/list?code=${code}&discItems=101,999`)).toEqual([]);
  });
});

describe("minute bars", () => {
  it("add up to the daily bar and stay within it", async () => {
    const { rows } = serve("2026-10-30T20:00");
    const query = `?code=${market.issues[5].code}&date=20261028`;
    const [day] = await rows(`/equities/bars/daily${query}`);
    const minutes = await rows(`/equities/bars/minute${query}`);
    const values = (name: string): number[] => minutes.map((row) => Number(row[name]));
    expect(values("O")[0]).toBe(day["O"]);
    expect(values("C").at(-1)).toBe(day["C"]);
    expect(Math.max(...values("H"))).toBe(day["H"]);
    expect(Math.min(...values("L"))).toBe(day["L"]);
    expect(values("Vo").reduce((sum, volume) => sum + volume, 0)).toBe(day["Vo"]);
    expect(Math.min(...values("Vo"))).toBeGreaterThan(0);
  });
});

describe("cursors", () => {
  it("come on the last page for today, and lead to what was published since", async () => {
    const server = serve(`${busyDay}T14:00`, { pageBytes: 100 });
    const path = `/fins/summary?date=${busyDay}`;
    let body = (await server.get(path)).body;
    while (body.pagination_key !== undefined) {
      expect(body.cursor).toBeUndefined();
      body = (await server.get(`${path}&pagination_key=${body.pagination_key}`)).body;
    }
    const before = await serve(`${busyDay}T14:00`).rows(path);
    await server.control("clock", { now: `${busyDay}T18:00` });
    const since = await serve(`${busyDay}T18:00`).rows(`${path}&cursor=${body.cursor}`);
    const all = await serve(`${busyDay}T18:00`).rows(path);
    expect(since.length).toBeGreaterThan(0);
    const numbers = new Set([...before, ...since].map((row) => row["DiscNo"]));
    expect(numbers).toEqual(new Set(all.map((row) => row["DiscNo"])));
    expect(before.length + since.length).toBe(all.length);
  });

  it("go together with the key of a page, as the official clients send them", async () => {
    const server = serve(`${busyDay}T18:00`, { pageBytes: 100 });
    const cursor = Buffer.from("1000").toString("base64url");
    const path = `/fins/summary?date=${busyDay}&cursor=${cursor}`;
    const first = await server.get(path);
    const second = await server.get(`${path}&pagination_key=${first.body.pagination_key}`);
    expect([first.status, second.status]).toEqual([200, 200]);
  });

  it("are not given for another day, nor below Premium", async () => {
    const past = await serve(`${isoDate(epochDay(busyDay) + 1)}T20:00`).get(
      `/fins/summary?date=${busyDay}`,
    );
    const low = await serve(`${busyDay}T20:00`, { plan: "standard" }).get(
      `/fins/summary?date=${busyDay}`,
    );
    expect([past.body.cursor, low.body.cursor]).toEqual([undefined, undefined]);
  });

  it("poll timely disclosures on any plan with the add-on", async () => {
    const { body } = await serve(`${busyDay}T20:00`, { plan: "light" }).get(
      `/td/list?date=${busyDay}`,
    );
    expect(body.cursor).toBeTypeOf("string");
  });
});

describe("plan windows", () => {
  it("bound what a query without dates gives", async () => {
    const path = `/equities/bars/daily?code=${market.issues[0].code}`;
    const free = await serve("2026-10-30T20:00", { plan: "free" }).rows(path);
    expect(free.at(-1)?.["Date"]).toBe("2026-08-07");
    const premium = await serve("2026-10-30T20:00").rows(path);
    expect(premium.at(-1)?.["Date"]).toBe("2026-10-30");
  });

  it("move with the day", async () => {
    const server = serve("2026-10-30T20:00", { plan: "free" });
    const status = async (): Promise<number> =>
      (await server.get("/equities/bars/daily?date=20260810")).status;
    expect(await status()).toBe(400);
    await server.control("clock", { advance: "P3D" });
    expect(await status()).toBe(200);
  });
});
