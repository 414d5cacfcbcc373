// Every endpoint as served, against the registry: all keys, their types, their missing markers; and what the official clients need.

import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { isoDate } from "../../../src/calendar/index.ts";
import { endpointOf, endpoints, type Field } from "../../../src/jquants/index.ts";
import { createMarket } from "../../../src/simulator/market/index.ts";
import {
  allRows,
  busyDay,
  market,
  serve,
  type Row,
  type ServerUnderTest,
  textOf,
} from "./server-under-test.ts";

const now = "2026-10-30T20:00";
const premium = serve(now);

/** Data sets whose rarer markers need more issues: funds under daily publication, dates that are undecided. */
const rare: ReadonlySet<string> = new Set(["/markets/margin-alert", "/fins/earnings-date"]);

const wide = serve(now, {
  market: await createMarket({ ...market.config, stocks: 300 }),
});

const sessions = market.sessions.days;

/** Every n-th session of the market, the last ones and the day after the switch to daily margin balances. */
function sampleDates(step: number): string[] {
  const days = Array.from(sessions, isoDate);
  const chosen = days.filter((_, i) => i % step === 0 || i > days.length - 4);
  return [...new Set([...chosen, "2026-09-25", "2026-09-28"])].sort();
}

/** The requests whose rows stand for an endpoint. */
const requests = new Map<string, readonly string[]>([
  ["/equities/bars/daily/am", [""]],
  ["/equities/investor-types", [""]],
  ["/equities/earnings-calendar", [""]],
  ["/indices/bars/daily/topix", [""]],
  ["/markets/calendar", [""]],
  ["/fins/earnings-date", byDate("date", 1)],
  ["/fins/summary", byDate("date", 1)],
  ["/fins/details", byDate("date", 2)],
  ["/fins/dividend", byDate("date", 1)],
  ["/markets/margin-alert", byDate("date", 1)],
  ["/markets/margin-interest", byDate("date", 1)],
  ["/markets/short-sale-report", byDate("disc_date", 2)],
  ["/edinet/major-shareholders", byDate("date", 1)],
  ["/edinet/cross-shareholdings", byDate("date", 1)],
  ["/edinet/large-volume-shareholders", byDate("date", 1)],
  ["/td/list", byDate("date", 2)],
  ["/equities/bars/minute", byDate("date", 120)],
  ["/derivatives/bars/daily/options/225", byDate("date", 3)],
]);

function byDate(name: string, step: number): string[] {
  return sampleDates(step).map((date) => `?${name}=${date}`);
}

const onPremium = new Map<string, Promise<Row[]>>();

/** Rows of `path` on Premium, asked for once. */
function premiumRows(path: string): Promise<Row[]> {
  const rows = onPremium.get(path) ?? served(rare.has(path) ? wide : premium, path);
  onPremium.set(path, rows);
  return rows;
}

async function served(server: ServerUnderTest, path: string): Promise<Row[]> {
  const rows: Row[] = [];
  for (const query of requests.get(path) ?? byDate("date", 20)) {
    rows.push(...(await allRows(server, path + query)));
  }
  return rows;
}

const markerTexts: ReadonlyMap<unknown, string> = new Map<unknown, string>([
  [null, "null"],
  ["", '""'],
  ["-", "-"],
  ["*", "*"],
]);

/** Adds what is wrong with `value` to `faults`, and the markers that it uses to `seen`. */
function check(field: Field, value: unknown, faults: Set<string>, seen: Set<string>): void {
  const marker = markerTexts.get(value);
  if (marker !== undefined && field.missing.some((each) => each === marker)) {
    seen.add(marker);
    return;
  }
  if (!isOfType(field, value)) {
    faults.add(`${field.name}: expected ${field.type}, found ${JSON.stringify(value)}`);
    return;
  }
  const items =
    field.type === "array" ? (value as Row[]) : field.type === "object" ? [value as Row] : [];
  for (const item of items) {
    for (const inner of field.fields) check(inner, item[inner.name], faults, seen);
    const extra = Object.keys(item).filter(
      (name) => !field.fields.some((each) => each.name === name),
    );
    if (field.fields.length > 0 && extra.length > 0)
      faults.add(`${field.name}: unknown ${extra.join()}`);
  }
}

function isOfType({ type }: Field, value: unknown): boolean {
  switch (type) {
    case "number":
      return typeof value === "number";
    case "date":
      return typeof value === "string" && /^\d{4}-\d{2}-\d{2}$/.test(value);
    case "decimal":
      return typeof value === "string" && /^-?\d+(\.\d+)?$/.test(value);
    case "flag":
      return value === "true" || value === "false";
    case "strings":
      return Array.isArray(value) && value.every((item) => typeof item === "string");
    case "array":
      return Array.isArray(value);
    case "map":
      return isObject(value) && Object.values(value).every((item) => typeof item === "string");
    case "object":
      return isObject(value);
    case "string":
      return typeof value === "string";
  }
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const withRows = [...endpoints.values()]
  .filter(
    ({ envelope, path }) =>
      envelope === "data" && path !== "/equities/trades" && path !== "/bulk/list",
  )
  .map(({ path }) => path);

describe("on Premium", () => {
  it.each(withRows)(
    "%s serves rows with every key, of its type, missing only by its markers, each of which occurs",
    async (path) => {
      const endpoint = endpointOf(path);
      const rows = await premiumRows(path);
      expect(rows.length).toBeGreaterThan(0);
      const faults = new Set<string>();
      const seen = new Set<string>();
      for (const row of rows) {
        if (Object.keys(row).join() !== [...endpoint.fields.keys()].join()) {
          faults.add(`keys ${Object.keys(row).join()}`);
        }
        for (const field of endpoint.fields.values()) check(field, row[field.name], faults, seen);
      }
      expect([...faults]).toEqual([]);
      expect([...seen].sort()).toEqual(expectedMarkers(path));
      const keys = rows.map((row) => JSON.stringify(endpoint.key.map((name) => row[name])));
      expect(new Set(keys).size).toBe(keys.length);
    },
  );
});

/** Markers that the sampled rows must show. */
function expectedMarkers(path: string): string[] {
  const declared = new Set<string>();
  const collect = (field: Field): void => {
    for (const marker of field.missing) declared.add(marker);
    field.fields.forEach(collect);
  };
  for (const field of endpointOf(path).fields.values()) collect(field);
  for (const marker of unseen.get(path) ?? []) declared.delete(marker);
  return [...declared].sort();
}

/** Markers that only rows outside this market's two years have. */
const unseen = new Map<string, readonly string[]>([
  ["/derivatives/bars/daily/futures", ["null"]],
  ["/derivatives/bars/daily/options", ["null"]],
  ["/derivatives/bars/daily/options/225", ["null"]],
  ["/equities/earnings-calendar", ['""']],
  ["/indices/bars/daily", ["null"]],
  ["/td/list", ["null"]],
]);

describe("below Premium", () => {
  const standard = serve(now, { plan: "standard" });

  it("daily bars have 18 keys: those of the sessions are absent", async () => {
    const [row] = await standard.rows("/equities/bars/daily?date=20261029");
    expect(Object.keys(row).join()).toBe(
      "Date,Code,O,H,L,C,UL,LL,Vo,Va,AdjFactor,AdjO,AdjH,AdjL,AdjC,AdjVo,MktCap,ExRT",
    );
  });

  it("statements are the same as on Premium once the evening run is through", async () => {
    const path = `/fins/summary?date=${busyDay}`;
    expect(await standard.rows(path)).toEqual(await premium.rows(path));
  });
});

describe("endpoints whose answer is the row itself", () => {
  it("/td/files has its number and a URL or null for each document", async () => {
    const [row] = await premium.rows(`/td/list?date=${busyDay}`);
    const { body } = await premium.get(`/td/files?discNo=${textOf(row, "DiscNo")}&docs=g`);
    const { discNo, files } = body as { discNo: unknown; files: Record<string, unknown> };
    expect(discNo).toBe(row["DiscNo"]);
    expect(Object.keys(files)).toEqual(["pdf", "summaryPdf", "xbrl"]);
    expect(files["pdf"]).toMatch(/^http:.*general\.pdf\?X-Amz-/);
    expect([files["summaryPdf"], files["xbrl"]]).toEqual([null, null]);
  });

  it("/td/bulk has an instant and a URL to the whole index", async () => {
    const { body } = await premium.get("/td/bulk");
    expect(body["lastUpdated"]).toBe("2026-10-30T20:00:00+09:00");
    const file = await premium.app.inject(String(body.url).replace(/^http:\/\/[^/]*/, ""));
    const [header] = gunzipSync(file.rawPayload).toString().split("\n");
    expect(header).toBe([...endpointOf("/td/list").fields.keys()].join());
  });
});

const schemaFile = fileURLToPath(
  new URL("../../../../shared/reference/jquants-v2-schema.json", import.meta.url),
);

interface ClientField {
  readonly name: string;
  readonly cli_type?: string;
  readonly python_required?: boolean;
}

describe.skipIf(!existsSync(schemaFile))("what the official clients need", () => {
  const schema = existsSync(schemaFile)
    ? (JSON.parse(readFileSync(schemaFile, "utf8")) as Record<string, { fields: ClientField[] }>)
    : {};

  it.each(withRows)(
    "%s has it: keys for Python, values that are not null for Rust",
    async (path) => {
      const rows = (await premiumRows(path)).slice(0, 2000);
      for (const { name, cli_type: type, python_required: isRequired } of schema[path].fields) {
        if (isRequired === true) expect(rows[0]).toHaveProperty(name);
        if (type === "String") {
          expect(rows.filter((row) => typeof row[name] !== "string")).toEqual([]);
        }
        if (type === "f64") expect(rows.filter((row) => typeof row[name] !== "number")).toEqual([]);
      }
    },
  );
});
