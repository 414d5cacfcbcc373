// A large lake for the feature bench, made by DuckDB from hashes in two minutes: random walks, splits, sectors, TOPIX, indices, and
// the records of `features-lake-records.ts`.

import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DuckDBInstance, type DuckDBConnection } from "@duckdb/node-api";
import { epochDay, isoDate, jpxCalendar } from "../src/calendar/index.ts";
import { openLake, type Lake, type TableSchema } from "../src/lake/index.ts";
import { columnsHash } from "../src/lake/table-schema.ts";
import { normal, recordTables, uniform } from "./features-lake-records.ts";

export interface BenchLake {
  readonly home: string;
  readonly from: number;
  readonly to: number;
  readonly codes: number;
  readonly sessions: number;
}

/** Makes the lake under `home` unless it is there. */
export async function benchLake(home: string, codes: number, sessions: number): Promise<BenchLake> {
  const first = epochDay("2015-01-05");
  const calendar = jpxCalendar();
  const days = calendar.sessionsBetween(first, calendar.add(first, sessions - 1));
  const lake = { home, from: days[0], to: days[days.length - 1], codes, sessions };
  if (existsSync(join(home, "complete"))) return lake;
  rmSync(home, { recursive: true, force: true });
  mkdirSync(home, { recursive: true });
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  const target = await openLake(home);
  await connection.run(
    `CREATE TABLE days AS SELECT unnest(range(${days.length})) AS d, DATE '1970-01-01' + CAST(unnest([${days.join(",")}]) AS INTEGER) AS day`,
  );
  await connection.run(
    `CREATE TABLE codes AS SELECT c, CAST(13000 + c * 10 AS VARCHAR) AS code FROM range(${codes}) t(c)`,
  );
  await connection.run("SET TimeZone = 'Asia/Tokyo'");
  for (const [table, sql] of [...tables(), ...recordTables(lake.from, lake.to)]) {
    await connection.run(`CREATE TABLE t_${table} AS ${sql}`);
    await writeTable(connection, target, table);
    await connection.run(`DROP TABLE t_${table}`);
  }
  connection.closeSync();
  instance.closeSync();
  writeFileSync(join(home, "complete"), `${isoDate(lake.from)} ${isoDate(lake.to)}\n`);
  return lake;
}

function tables(): ReadonlyMap<string, string> {
  const walk = (noise: string, partition: string): string =>
    `exp(sum(${noise}) OVER (${partition} ORDER BY d ROWS UNBOUNDED PRECEDING))`;
  const bars = `
    WITH p AS (SELECT c, code, d, day, 1000 * ${walk(`0.018 * ${normal("c", "d")}`, "PARTITION BY c")} AS close,
      0.006 * ${normal("c", "d", "'o'")} AS gap, ${uniform("c", "d", "'v'")} AS u FROM codes, days)
    SELECT day AS "Date", code AS "Code", close * exp(gap) AS "O", close * exp(abs(gap)) * (1 + 0.01 * u) AS "H",
      close * exp(-abs(gap)) * (1 - 0.01 * u) AS "L", close AS "C", floor(1e5 * exp(2 * u)) AS "Vo",
      floor(1e5 * exp(2 * u)) * close AS "Va", CASE WHEN hash(c, d, 's') % 4000 = 0 THEN 0.5 ELSE 1.0 END AS "AdjFactor"
    FROM p WHERE hash(c, d, 'idle') % 200 <> 0`;
  const sectors = `list_extract(['0050','1050','2050','3050','3100','3150','3200','3250','3300','3350','3400','3450','3500','3550','3600','3650','3700','3750','3800','4050','5050','5100','5150','5200','5250','6050','6100','7050','7100','7150','7200','8050','9050'], 1 + (c % 33)::INT)`;
  const master = `SELECT day AS "Date", code AS "Code", ${sectors} AS "S33", CAST(1 + (c % 17) AS VARCHAR) AS "S17",
    list_extract(['0111','0112','0113'], 1 + (c % 3)::INT) AS "Mkt", '2' AS "Mrgn", '011' AS "ProdCat"
    FROM codes, days WHERE d = 0 OR month(day) <> (SELECT month(b.day) FROM days b WHERE b.d = days.d - 1)`;
  const index = (extra: string): string =>
    `close AS "C", close * 0.999 AS "O", close * 1.004 AS "H", close * 0.995 AS "L"${extra}`;
  const topix = `SELECT day AS "Date", ${index("")} FROM (SELECT d, day, 1700 * ${walk(`0.01 * ${normal("d", "'topix'")}`, "")} AS close FROM days)`;
  const codes = `(SELECT unnest(list_concat([upper(lpad(to_hex(64 + i), 4, '0')) for i in range(33)], [upper(lpad(to_hex(128 + i), 4, '0')) for i in range(17)], ['8100','8200','0028','0029','002A','002B','002C','002D','002E','002F','0500','0501','0502','8501','8502','8503','812C','822C','812D','822D'])) AS code)`;
  const indices = `SELECT day AS "Date", code AS "Code", ${index("")} FROM (SELECT code, d, day, 1000 * ${walk(`0.011 * ${normal("code", "d")}`, "PARTITION BY code")} AS close FROM days, ${codes})`;
  return new Map([
    ["equities_bars_daily", bars],
    ["equities_master", master],
    ["indices_bars_daily_topix", topix],
    ["indices_bars_daily", indices],
  ]);
}

async function writeTable(connection: DuckDBConnection, lake: Lake, table: string): Promise<void> {
  const schema = lake.schema(table);
  const given = await connection.runAndReadAll(`SELECT column_name FROM (DESCRIBE t_${table})`);
  const known = new Set(given.getRows().map(([name]) => String(name)));
  const folder = join(lake.folder, table);
  mkdirSync(folder, { recursive: true });
  const partitions: Record<string, object> = {};
  const months = await connection.runAndReadAll(
    `SELECT strftime("${schema.day}", '%Y-%m'), count(*) FROM t_${table} GROUP BY 1 ORDER BY 1`,
  );
  for (const [month, rows] of months.getRows().map(([m, n]) => [String(m), Number(n)] as const)) {
    const path = join(folder, `${month}.parquet`);
    await connection.run(
      `COPY (SELECT ${columnsSql(schema, known)} FROM t_${table} WHERE strftime("${schema.day}", '%Y-%m') = '${month}' ORDER BY ${schema.key.map((name) => `"${name}"`).join(", ")}) TO '${path}' (FORMAT parquet, COMPRESSION zstd)`,
    );
    partitions[month] = {
      rows,
      bytes: 1,
      sha256: `${table}-${month}`,
      columns: columnsHash(schema),
    };
  }
  const manifest = { version: 1, table, partitions, days: {}, files: {} };
  writeFileSync(join(folder, "manifest.json"), JSON.stringify(manifest));
}

function columnsSql(schema: TableSchema, known: ReadonlySet<string>): string {
  const columns = schema.columns.map(({ name, type }) =>
    known.has(name)
      ? `CAST("${name}" AS ${type}) AS "${name}"`
      : `CAST(NULL AS ${type}) AS "${name}"`,
  );
  return [
    ...columns,
    known.has("available_at")
      ? "available_at"
      : `CAST("${schema.day}" + INTERVAL 17 HOUR AS TIMESTAMPTZ) AS available_at`,
    `'bench' AS ingested_from`,
    `CAST(NULL AS VARCHAR) AS extra`,
  ].join(", ");
}
