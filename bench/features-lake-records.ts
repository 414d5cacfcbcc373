// Records of the Standard plan for the feature bench, made from hashes: statements, schedules, margin, short selling, flows, options.

import { epochDay, isoDate, jpxCalendar } from "../src/calendar/index.ts";

/** A number in (0, 1) that depends on the parts alone. */
export function uniform(...parts: readonly string[]): string {
  return `((hash(${parts.join(", ")}) % 1000003) + 1) / 1000005.0`;
}

/** A standard normal number that depends on the parts alone. */
export function normal(...parts: readonly string[]): string {
  return `sqrt(-2 * ln(${uniform(...parts, "1")})) * cos(6.283185307 * ${uniform(...parts, "2")})`;
}

/** Queries of the record tables over `days (d, day)` and `codes (c, code)`; `available_at` where it is not 17:00 of the day. */
export function recordTables(first: number, last: number): ReadonlyMap<string, string> {
  return new Map([
    ["markets_calendar", calendarSql(first, last)],
    ["fins_summary", summarySql],
    ["fins_earnings_date", scheduleSql],
    ["markets_margin_interest", marginSql],
    ["markets_margin_alert", alertSql],
    ["markets_short_sale_report", shortReportSql],
    ["markets_short_ratio", shortRatioSql],
    ["equities_investor_types", flowSql],
    ["derivatives_bars_daily_options_225", optionSql],
  ]);
}

function calendarSql(first: number, last: number): string {
  const calendar = jpxCalendar();
  const rows: string[] = [];
  for (let day = first; day <= Math.min(last + 90, epochDay("2027-12-31")); day += 1) {
    rows.push(`(DATE '${isoDate(day)}', '${calendar.holidayDivision(day)}')`);
  }
  return `SELECT col0 AS "Date", col1 AS "HolDiv", TIMESTAMPTZ '2014-12-01 00:00:00+09' AS available_at FROM (VALUES ${rows.join(", ")})`;
}

/** Four releases a year and code, and a revision of the forecast between some of them. */
const summarySql = `
  WITH f AS (SELECT c, code, d, day, (d + c * 7) % 61 AS place, last_day(date_trunc('quarter', day) - INTERVAL 1 DAY) AS period_end
      FROM codes, days WHERE (d + c * 7) % 61 = 0 OR ((d + c * 7) % 61 = 30 AND hash(c, d, 'revision') % 3 = 0)),
    g AS (SELECT *, CAST(make_date(year(period_end) + CASE WHEN month(period_end) > 3 THEN 1 ELSE 0 END, 3, 31) AS DATE) AS year_end,
      1e9 * exp(${normal("c")}) AS size, 1 + 0.1 * ${normal("c", "d", "'sales'")} AS shock FROM f)
  SELECT day AS "DiscDate", code AS "Code", CAST(d * 10000 + c AS VARCHAR) AS "DiscNo",
    CASE WHEN hash(c, d) % 2 = 0 THEN '15:00:00' ELSE '11:00:00' END AS "DiscTime",
    CASE WHEN place = 0 THEN 'FYFinancialStatements_Consolidated_JP' ELSE 'EarnForecastRevision' END AS "DocType",
    CASE month(period_end) WHEN 6 THEN '1Q' WHEN 9 THEN '2Q' WHEN 12 THEN '3Q' ELSE 'FY' END AS "CurPerType",
    period_end AS "CurPerEn", year_end AS "CurFYEn", CAST(year_end + INTERVAL 1 YEAR AS DATE) AS "NxtFYEn",
    size * shock AS "Sales", size * shock * 0.08 AS "OP", size * shock * 0.05 AS "NP", size * 1.5 AS "TA", size * 0.6 * shock AS "Eq",
    size * 0.09 * shock AS "FOP", size * 0.06 * shock AS "FNP", 40 * shock AS "FEPS", 10 * shock AS "FDivAnn",
    5 * shock AS "FDiv2Q", 5 * shock AS "FDivFY", size * 0.1 * shock AS "NxFOP", size * 0.07 * shock AS "NxFNp", 44 * shock AS "NxFEPS",
    'false' AS "ChgAcEst", 'false' AS "ChgByASRev", 'false' AS "RetroRst", floor(1e7 * exp(${normal("c", "'so'")})) AS "ShOutFY", 1e4 AS "TrShFY",
    CAST(day AS TIMESTAMP)::TIMESTAMPTZ + CASE WHEN hash(c, d) % 2 = 0 THEN INTERVAL 15 HOUR ELSE INTERVAL 11 HOUR END AS available_at
  FROM g`;

const scheduleSql = `SELECT p.day AS "PubDate", s.day AS "SchDate", CAST(p.d AS VARCHAR) AS "FYE", '1Q' AS "FQName", code AS "Code"
  FROM codes, days p JOIN days s ON s.d = p.d + 15 WHERE (p.d + 15 + c * 7) % 61 = 0`;

/** A week's balances on its last session, known two sessions later. */
const marginSql = `
  WITH w AS (SELECT max(d) AS d, max(day) AS day FROM days GROUP BY date_trunc('week', day)),
    m AS (SELECT *, 1e5 * exp(${normal("c", "'m'")} + 0.3 * ${normal("c", "d", "'l'")}) AS l, 3e4 * exp(${normal("c", "'m'")} + 0.3 * ${normal("c", "d", "'s'")}) AS s FROM codes, w)
  SELECT day AS "Date", code AS "Code", floor(s) AS "ShrtVol", floor(l) AS "LongVol", floor(s * 0.2) AS "ShrtNegVol", floor(l * 0.4) AS "LongNegVol",
    floor(s * 0.8) AS "ShrtStdVol", floor(l * 0.6) AS "LongStdVol", CAST(1 + c % 3 AS VARCHAR) AS "IssType",
    CAST(day AS TIMESTAMP)::TIMESTAMPTZ + INTERVAL 4 DAY + INTERVAL 16 HOUR AS available_at FROM m`;

/** A twentieth of the codes is under daily publication, for two months at a time. */
const alertSql = `
  WITH a AS (SELECT *, 1e5 * exp(${normal("c", "d", "'al'")}) AS l, 5e4 * exp(${normal("c", "d", "'as'")}) AS s
    FROM codes, days WHERE hash(c, d // 40) % 20 = 0 AND d > 0)
  SELECT day AS "PubDate", code AS "Code", (SELECT b.day FROM days b WHERE b.d = a.d - 1) AS "AppDate", '0' AS "PubReason.Restricted",
    '1' AS "PubReason.DailyPublication", CAST(hash(c, d // 40, 'r') % 2 AS VARCHAR) AS "PubReason.Monitoring", '0' AS "PubReason.RestrictedByJSF",
    '0' AS "PubReason.PrecautionByJSF", '0' AS "PubReason.UnclearOrSecOnAlert", floor(s) AS "ShrtOut", floor(l) AS "LongOut", 100 * s / l AS "SLRatio",
    floor(s * 0.3) AS "ShrtNegOut", floor(s * 0.7) AS "ShrtStdOut", floor(l * 0.3) AS "LongNegOut", floor(l * 0.7) AS "LongStdOut",
    CAST(hash(c, d // 40, 't') % 6 AS VARCHAR) AS "TSEMrgnRegCls", CAST(day AS TIMESTAMP)::TIMESTAMPTZ + INTERVAL 16 HOUR + INTERVAL 30 MINUTE AS available_at FROM a`;

/** About 280 reports a session, of 40 holders. */
const shortReportSql = `
  SELECT day AS "DiscDate", (SELECT b.day FROM days b WHERE b.d = greatest(x.d - 2, 0)) AS "CalcDate", code AS "Code",
    'holder ' || (hash(c, d, 'h') % 40) AS "SSName", '' AS "DICName", '' AS "FundName", 0.003 + 0.012 * ${uniform("c", "d", "'p'")} AS "ShrtPosToSO",
    floor(1e5 * ${uniform("c", "d", "'p'")}) AS "ShrtPosShares" FROM (SELECT * FROM codes, days WHERE hash(c, d, 'short') % 14 = 0) x`;

const shortRatioSql = `
  SELECT day AS "Date", s33 AS "S33", 1e10 * exp(0.2 * ${normal("s33", "d", "'a'")}) AS "SellExShortVa",
    4e9 * exp(0.2 * ${normal("s33", "d", "'b'")}) AS "ShrtWithResVa", 1e9 * exp(0.3 * ${normal("s33", "d", "'c'")}) AS "ShrtNoResVa"
  FROM days, (SELECT unnest(['0050','1050','2050','3050','3100','3150','3200','3250','3300','3350','3400','3450','3500','3550','3600','3650','3700','3750','3800','4050','5050','5100','5150','5200','5250','6050','6100','7050','7100','7150','7200','8050','9050']) AS s33)`;

const flowSql = `
  WITH w AS (SELECT min(day) AS first, max(day) AS last, max(d) AS d FROM days GROUP BY date_trunc('week', day)),
    s AS (SELECT unnest(['TSEPrime', 'TSEStandard', 'TSEGrowth', 'TSE1st', 'TSE2nd', 'TSEMothers', 'TSEJASDAQ']) AS section)
  SELECT CAST(last + INTERVAL 6 DAY AS DATE) AS "PubDate", first AS "StDate", last AS "EnDate", section AS "Section",
    ${["Prop", "Brk", "Ind", "Frgn", "InvTr", "TrstBnk"].map((name) => `1e8 * ${normal("section", "d", `'${name}'`)} AS "${name}Bal", 4e9 * exp(0.2 * ${normal("section", "d", `'${name}T'`)}) AS "${name}Tot"`).join(", ")},
    2e10 * exp(0.2 * ${normal("section", "d", "'T'")}) AS "TotTot", CAST(last AS TIMESTAMP)::TIMESTAMPTZ + INTERVAL 6 DAY + INTERVAL 16 HOUR AS available_at
  FROM w, s`;

/** Four expiries of 40 strikes on either side. */
const optionSql = `
  SELECT day AS "Date", CAST(k * 100 + side * 10 + e AS VARCHAR) AS "Code", '001' AS "EmMrgnTrgDiv", CAST(side AS VARCHAR) AS "PCDiv",
    floor(1000 * ${uniform("d", "k", "side", "e", "'oi'")}) AS "OI", floor(300 * ${uniform("d", "k", "side", "e", "'vo'")}) AS "Vo",
    1e6 * ${uniform("d", "k", "side", "e", "'va'")} AS "Va", 20000 * (0.8 + k * 0.01) AS "Strike", 20000 * (1 + 0.01 * ${normal("d", "'spot'")}) AS "UnderPx",
    20 + 4 * ${normal("d", "'iv'")} + ${normal("d", "k", "side", "e")} AS "IV", CAST(day + CAST(10 + e * 25 AS INTEGER) AS DATE) AS "LTD",
    CAST(day + CAST(11 + e * 25 AS INTEGER) AS DATE) AS "SQD", strftime(day + CAST(11 + e * 25 AS INTEGER), '%Y-%m') AS "CM",
    CAST(day AS TIMESTAMP)::TIMESTAMPTZ + INTERVAL 27 HOUR AS available_at
  FROM days, range(40) x(k), range(1, 3) y(side), range(4) z(e)`;
