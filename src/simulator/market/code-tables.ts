// What the market draws from beside the exchange's code tables: how many companies an industry has, sectors, sections, size classes.

import {
  industries,
  marketSegments,
  otherIndustry,
  scaleNames,
  sectionOfMarket,
  type Industry,
} from "../../jquants/index.ts";

export interface Sector extends Industry {
  /** Share of listed companies, per mille, about that of the real market. */
  readonly weight: number;
}

const weights = [
  3, 2, 43, 33, 14, 6, 56, 19, 3, 5, 15, 11, 9, 24, 60, 64, 23, 13, 29, 7, 17, 3, 2, 10, 152, 82,
  90, 20, 10, 4, 10, 38, 143,
];

/** The 33 industries in code order. */
export const sectors: readonly Sector[] = industries.map((industry, at) => ({
  ...industry,
  weight: weights[at],
}));

/** Index in `sectors` of an issue outside the 33 industries. */
export const otherSector = -1;

export const otherSectorNames: typeof otherIndustry = otherIndustry;

/** TOPIX-17 sectors: code, name and index code. */
export const sectors17: readonly (readonly [s17: string, name: string, indexCode: string])[] = [
  ["1", "食品", "0080"],
  ["2", "エネルギー資源", "0081"],
  ["3", "建設・資材", "0082"],
  ["4", "素材・化学", "0083"],
  ["5", "医薬品", "0084"],
  ["6", "自動車・輸送機", "0085"],
  ["7", "鉄鋼・非鉄", "0086"],
  ["8", "機械", "0087"],
  ["9", "電機・精密", "0088"],
  ["10", "情報通信・サービスその他", "0089"],
  ["11", "電力・ガス", "008A"],
  ["12", "運輸・物流", "008B"],
  ["13", "商社・卸売", "008C"],
  ["14", "小売", "008D"],
  ["15", "銀行", "008E"],
  ["16", "金融（除く銀行）", "008F"],
  ["17", "不動産", "0090"],
];

const sector17Names = new Map(sectors17.map(([code, name]) => [code, name]));

/** Japanese name of a TOPIX-17 sector. */
export function sector17Name(s17: string): string {
  return sector17Names.get(s17) ?? otherSectorNames.name;
}

/** Japanese name of a market segment code. */
export function marketName(code: string): string {
  return marketSegments.get(code) ?? otherSectorNames.name;
}

/** Section of the investor-types data for a market segment code; empty when the segment is not in it. */
export function investorSection(market: string): string {
  return sectionOfMarket.get(market) ?? "";
}

/** What ScaleCat says of each size class, largest first; index 5 is none. */
export const scaleTexts: readonly string[] = [...scaleNames, "-"];

/** Scale index from which on an issue has no size class. */
export const noScale = 5;

export const marginNames: ReadonlyMap<string, string> = new Map([
  ["1", "信用"],
  ["2", "貸借"],
  ["3", "その他"],
]);
