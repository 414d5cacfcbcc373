// Which indices exist, when, and who is in them.

import { epochDay, marketReformDay } from "../../calendar/index.ts";
import { sectors, sectors17 } from "./code-tables.ts";
import { type Issue, segmentOn } from "./issues.ts";

export interface IndexDefinition {
  readonly code: string;
  /** Level at the first session. */
  readonly base: number;
  /** First and last day with rows. */
  readonly from: number;
  readonly to: number;
  /** First day with open, high and low. */
  readonly barsFrom: number;
}

const always = Number.NEGATIVE_INFINITY;
const forever = Number.POSITIVE_INFINITY;

function define(
  code: string,
  base: number,
  from = always,
  to = forever,
  barsFrom = from,
): IndexDefinition {
  return { code, base, from, to, barsFrom };
}

/** TOPIX comes first. Codes and spans as documented in January 2026. */
export const indexDefinitions: readonly IndexDefinition[] = [
  define("0000", 1500),
  define("0001", 4000, always, marketReformDay - 1),
  define("0028", 700),
  define("0029", 1400),
  define("002A", 950),
  define("002B", 1700),
  define("002C", 1150),
  define("002D", 2000),
  define("002E", 1450),
  define("002F", 1000, epochDay("2018-09-03"), forever, epochDay("2018-10-09")),
  ...sectors.map((sector) => define(sector.indexCode, 1000)),
  define("0070", 900),
  define("0075", 1700),
  ...sectors17.map(([, , code]) => define(code, 800)),
  define("0091", 110, always, marketReformDay - 1),
  define("0500", 1000, epochDay("2022-06-27")),
  define("0501", 1000, epochDay("2022-06-27")),
  define("0502", 1000, epochDay("2022-06-27")),
  define("0503", 1000, epochDay("2023-05-29"), forever, epochDay("2023-07-03")),
  define("8100", 1600),
  define("812C", 1200),
  define("812D", 2000),
  define("8200", 1400),
  define("822C", 1100),
  define("822D", 1900),
  define("8501", 1500),
  define("8502", 1900),
  define("8503", 1600),
];

/** The price-weighted average of 225 large issues: the underlying of derivatives, without rows of its own. */
export const nikkei: IndexDefinition = define("NK225", 18_500);

/** Position of the average after the served indices. */
export const nikkeiPosition: number = indexDefinitions.length;

/** Market value of about 400 large issues: the underlying of JPX-Nikkei 400 futures, without rows of its own either. */
export const jpxNikkei400: IndexDefinition = define("JN400", 14_000);

export const jpxNikkei400Position: number = nikkeiPosition + 1;

/** Indices with a level: the served ones and the two that are not. */
export const levelCount: number = indexDefinitions.length + 2;

const positions = new Map(
  indexDefinitions.map((definition, position) => [definition.code, position]),
);

/** Position of an index code in `indexDefinitions`, -1 when unknown. */
export function indexPosition(code: string): number {
  return positions.get(code) ?? -1;
}

/** REITs take turns in the indices of offices, homes and shops: three of them fill all three. */
const reitCodes = ["8501", "8502", "8503"] as const;

/** Size classes of the JPX-Nikkei 400: Core30, Large70 and Mid400. */
const largeScales = 3;

/** What an issue is in, on a day. */
export interface MembershipQuery {
  readonly issue: Issue;
  /** Index into `scaleTexts`. */
  readonly scale: number;
  readonly day: number;
  /** Place of a REIT among the REITs, by code. */
  readonly reitPlace: number;
}

/** Positions of the indices that an issue belongs to. */
export function membershipsOf(query: MembershipQuery): readonly number[] {
  const { issue, scale } = query;
  const isLarge = issue.kind === "stock" && scale < largeScales;
  const served = codesOf(query).map(indexPosition);
  return isLarge ? [...served, jpxNikkei400Position] : served;
}

function codesOf({ issue, scale, day, reitPlace }: MembershipQuery): readonly string[] {
  if (issue.kind === "reit") return ["0075", reitCodes[reitPlace % reitCodes.length]];
  if (issue.kind !== "stock") return [];
  const segment = segmentOn(issue, day);
  const codes = segmentCodes.get(segment) ?? [];
  if (segment !== "0101" && segment !== "0111") return codes;
  const sector = sectors[issue.sector];
  const style = issue.styles[1] > 0 ? "81" : "82";
  const isSmall = scale >= 3;
  return [
    ...codes,
    "0000",
    sector.indexCode,
    sectors17[Number(sector.s17) - 1][2],
    ...scaleCodes[Math.min(4, scale)],
    `${style}00`,
    isSmall ? `${style}2D` : `${style}2C`,
  ];
}

const segmentCodes: ReadonlyMap<string, readonly string[]> = new Map([
  ["0102", ["0001"]],
  ["0104", ["0070"]],
  ["0106", ["0091"]],
  ["0107", ["0091"]],
  ["0111", ["0500"]],
  ["0112", ["0501"]],
  ["0113", ["0502", "0070"]],
]);

/** Indices of the size classes Core30, Large70, Mid400, Small 1 and Small 2. */
const scaleCodes: readonly (readonly string[])[] = [
  ["0028", "002A", "002C", "002E", "0503"],
  ["0029", "002A", "002C", "002E", "0503"],
  ["002B", "002C", "002E"],
  ["002D", "002E", "002F"],
  ["002D"],
];
