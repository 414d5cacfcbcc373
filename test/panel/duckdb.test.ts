import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import fc from "fast-check";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { SchemaError } from "../../src/errors.ts";
import {
  Panel,
  panelFromQuery,
  readPanelParquet,
  writePanelParquet,
  writePanelTable,
} from "../../src/panel/index.ts";
import { createRng } from "../../src/rng.ts";

const folder = mkdtempSync(join(tmpdir(), "panel-"));
let connection: DuckDBConnection;
beforeAll(async () => {
  connection = await (await DuckDBInstance.create(":memory:")).connect();
});
afterAll(() => {
  connection.closeSync();
  rmSync(folder, { recursive: true });
});

function contentOf(panel: Panel): object {
  return {
    dates: Array.from(panel.dates),
    codes: panel.codes,
    columns: panel.columnNames.map((name) => [
      name,
      panel.column(name).constructor.name,
      Array.from(panel.column(name)),
    ]),
  };
}

/** A panel of all four types, with gaps, infinities, -0 and a number of cells that is no multiple of a chunk. */
function randomPanel(seed: number, dateCount: number, codeCount: number): Panel {
  const rng = createRng(seed);
  const dates = Array.from({ length: dateCount }, (_, i) => 16_000 + 3 * i);
  const codes = Array.from({ length: codeCount }, (_, i) => `1${String(3000 + i)}`);
  const panel = new Panel(dates, codes);
  const special = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0];
  const draw = (): number =>
    rng.integer(5) === 0 ? special[rng.integer(special.length)] : rng.normal();
  const columns = {
    close: panel.addColumn("close", "f64"),
    ret_1d: panel.addColumn("ret_1d", "f32"),
    sector: panel.addColumn("sector", "i32"),
    flag: panel.addColumn("flag", "u8"),
  };
  for (let cell = 0; cell < panel.size; cell += 1) {
    columns.close[cell] = draw();
    columns.ret_1d[cell] = draw();
    columns.sector[cell] = rng.integer(4) - 1;
    columns.flag[cell] = rng.integer(2);
  }
  return panel;
}

test("a panel written to Parquet and read back is the same panel, whatever its size", async () => {
  const path = join(folder, "round-trip.parquet");
  await fc.assert(
    fc.asyncProperty(
      fc.nat(),
      fc.integer({ min: 1, max: 70 }),
      fc.integer({ min: 1, max: 300 }),
      async (seed, dateCount, codeCount) => {
        const panel = randomPanel(seed, dateCount, codeCount);
        expect(await writePanelParquet(connection, panel, path)).toBe(panel.size);
        expect(contentOf(await readPanelParquet(connection, path))).toEqual(contentOf(panel));
      },
    ),
    { numRuns: 12 },
  );
});

test("a panel written to a table and queried in any order of rows is the same panel", async () => {
  const panel = randomPanel(7, 61, 300);
  await writePanelTable(connection, panel, "shuffled");
  const read = await panelFromQuery(connection, "FROM shuffled ORDER BY hash(code, date);");
  expect(contentOf(read)).toEqual(contentOf(panel));
});

test("missing cells are NULL in Parquet, and code is text", async () => {
  const panel = new Panel([16_000, 16_001], ["130A0"]);
  panel.addColumn("close", "f64").set([Number.NaN, 2]);
  panel.addColumn("sector", "i32").set([-1, 3]);
  const path = join(folder, "null.parquet");
  await writePanelParquet(connection, panel, path, { metadata: { note: "it's synthetic" } });
  const rows = await connection.runAndReadAll(
    `SELECT code, typeof(code), date::VARCHAR, close, sector FROM '${path}' ORDER BY date`,
  );
  expect(rows.getRows()).toEqual([
    ["130A0", "VARCHAR", "2013-10-22", null, null],
    ["130A0", "VARCHAR", "2013-10-23", 2, 3],
  ]);
  const footer = await connection.runAndReadAll(
    `SELECT decode(key), decode(value) FROM parquet_kv_metadata('${path}')`,
  );
  expect(footer.getRows()).toEqual([["note", "it's synthetic"]]);
});

test("a gap in one chunk of rows leaves the next chunk without gaps", async () => {
  const panel = new Panel(
    Array.from({ length: 5000 }, (_, i) => i),
    ["13010"],
  );
  const close = panel.addColumn("close", "f64").fill(1);
  close[3] = Number.NaN;
  await writePanelTable(connection, panel, "gap");
  const read = await connection.runAndReadAll(
    "SELECT count(*)::INTEGER, count(close)::INTEGER FROM gap",
  );
  expect(read.getRows()).toEqual([[5000, 4999]]);
});

test("only the asked columns, dates and member cells are written", async () => {
  const panel = new Panel([1, 2, 3], ["13010", "13020"]);
  panel.addColumn("close", "f64").set([1, 2, 3, 4, 5, 6]);
  panel.addColumn("listed", "u8").set([1, 1, 0, 0, 1, 1]);
  const rows = await writePanelTable(connection, panel, "members", {
    columns: ["close"],
    dates: { start: 1, end: 3 },
    where: "listed",
  });
  const read = await connection.runAndReadAll("SELECT code::VARCHAR, close FROM members");
  expect(rows).toBe(3);
  expect(read.getRows()).toEqual([
    ["13010", 2],
    ["13020", 5],
    ["13020", 6],
  ]);
});

test("a write that fails leaves the old file, no half one and no staging table", async () => {
  const path = join(folder, "kept.parquet");
  const panel = randomPanel(1, 2, 2);
  await writePanelParquet(connection, panel, path);
  const before = contentOf(await readPanelParquet(connection, path));
  await expect(
    writePanelParquet(connection, randomPanel(2, 2, 2), path, { rowGroupSize: -1 }),
  ).rejects.toThrow();
  expect(contentOf(await readPanelParquet(connection, path))).toEqual(before);
  expect(readdirSync(folder).filter((name) => name.startsWith(".tmp-"))).toEqual([]);
  const tables = await connection.runAndReadAll("SELECT table_name FROM duckdb_tables()");
  expect(tables.getRows().flat().join(" ")).not.toContain("panel_");
});

test("each SQL number becomes the array that holds it, and NULL its missing value", async () => {
  const panel = await panelFromQuery(
    connection,
    `SELECT '13010' AS Code, DATE '2024-11-05' + i::INTEGER AS Date, v::BIGINT AS big, v::DECIMAL(9,2) AS dec,
       v::FLOAT AS real, v::SMALLINT AS small, (v > 5) AS flag
     FROM (VALUES (0, 7.5), (1, NULL)) t(i, v)`,
  );
  expect(contentOf(panel)).toEqual({
    dates: [20_032, 20_033],
    codes: ["13010"],
    columns: [
      ["big", "Float64Array", [8, Number.NaN]],
      ["dec", "Float64Array", [7.5, Number.NaN]],
      ["real", "Float32Array", [7.5, Number.NaN]],
      ["small", "Int32Array", [8, -1]],
      ["flag", "Uint8Array", [1, 0]],
    ],
  });
});

test("given dates and codes are the panel's axes, and cells that no row fills stay missing", async () => {
  const panel = await panelFromQuery(
    connection,
    "SELECT '13020' AS code, DATE '1970-01-03' AS date, 5.0::DOUBLE AS close",
    { dates: [1, 2, 3], codes: ["13010", "13020"] },
  );
  const gap = Number.NaN;
  expect(Array.from(panel.float64("close"))).toEqual([gap, gap, gap, gap, 5, gap]);
});

test("a row outside the given axes is an error that names it, or is dropped when asked", async () => {
  const sql = `SELECT * FROM (VALUES ('13010', DATE '1970-01-02', 1.0), ('13010', DATE '1970-01-09', 2.0),
    ('99990', DATE '1970-01-02', 3.0)) t(code, date, close)`;
  const axes = { dates: [1], codes: ["13010"] };
  await expect(panelFromQuery(connection, sql, axes)).rejects.toThrow("found 13010 on 1970-01-09");
  const dropped = await panelFromQuery(connection, sql, { ...axes, outside: "drop" });
  expect(Array.from(dropped.float64("close"))).toEqual([1]);
});

test("a code and date that come twice are an error: no row silently wins", async () => {
  const sql = "SELECT '13010' AS code, DATE '1970-01-02' AS date, i AS x FROM range(2) t(i)";
  const error = await panelFromQuery(connection, sql).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(SchemaError);
  expect(error).toMatchObject({
    message: expect.stringContaining("found two for 13010 on 1970-01-02"),
  });
});

test("a missing column, a text column and a NULL code are refused by name", async () => {
  await expect(panelFromQuery(connection, "SELECT 1 AS code, 2 AS x")).rejects.toThrow(
    "expected a column date, found code, x",
  );
  await expect(
    panelFromQuery(connection, "SELECT '1' AS code, DATE '1970-01-01' AS date, 'a' AS name"),
  ).rejects.toThrow("expected column name to hold numbers, found VARCHAR");
  await expect(
    panelFromQuery(connection, "SELECT NULL AS code, DATE '1970-01-01' AS date, 1 AS x"),
  ).rejects.toThrow("expected a code in every row of code, found NULL");
});

test("a query without rows gives a panel without cells, with its columns", async () => {
  const panel = await panelFromQuery(
    connection,
    "SELECT '1' AS code, DATE '1970-01-01' AS date, 1.0::DOUBLE AS x WHERE false",
  );
  expect([panel.size, panel.columnNames]).toEqual([0, ["x"]]);
});
