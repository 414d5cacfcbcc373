// Code tables of the exchange that the market draws from: industries, segments and their Japanese names.

export interface Sector {
  /** TSE 33-industry code, and its name. */
  readonly s33: string;
  readonly name: string;
  /** Code of the TOPIX-17 sector it belongs to. */
  readonly s17: string;
  /** Code of its sector index. */
  readonly indexCode: string;
  /** Share of listed companies, per mille, about that of the real market. */
  readonly weight: number;
}

type SectorRow = readonly [
  s33: string,
  name: string,
  s17: string,
  indexCode: string,
  weight: number,
];

const sectorRows: readonly SectorRow[] = [
  ["0050", "水産・農林業", "1", "0040", 3],
  ["1050", "鉱業", "2", "0041", 2],
  ["2050", "建設業", "3", "0042", 43],
  ["3050", "食料品", "1", "0043", 33],
  ["3100", "繊維製品", "4", "0044", 14],
  ["3150", "パルプ・紙", "4", "0045", 6],
  ["3200", "化学", "4", "0046", 56],
  ["3250", "医薬品", "5", "0047", 19],
  ["3300", "石油・石炭製品", "2", "0048", 3],
  ["3350", "ゴム製品", "6", "0049", 5],
  ["3400", "ガラス・土石製品", "3", "004A", 15],
  ["3450", "鉄鋼", "7", "004B", 11],
  ["3500", "非鉄金属", "7", "004C", 9],
  ["3550", "金属製品", "3", "004D", 24],
  ["3600", "機械", "8", "004E", 60],
  ["3650", "電気機器", "9", "004F", 64],
  ["3700", "輸送用機器", "6", "0050", 23],
  ["3750", "精密機器", "9", "0051", 13],
  ["3800", "その他製品", "10", "0052", 29],
  ["4050", "電気・ガス業", "11", "0053", 7],
  ["5050", "陸運業", "12", "0054", 17],
  ["5100", "海運業", "12", "0055", 3],
  ["5150", "空運業", "12", "0056", 2],
  ["5200", "倉庫・運輸関連業", "12", "0057", 10],
  ["5250", "情報・通信業", "10", "0058", 152],
  ["6050", "卸売業", "13", "0059", 82],
  ["6100", "小売業", "14", "005A", 90],
  ["7050", "銀行業", "15", "005B", 20],
  ["7100", "証券、商品先物取引業", "16", "005C", 10],
  ["7150", "保険業", "16", "005D", 4],
  ["7200", "その他金融業", "16", "005E", 10],
  ["8050", "不動産業", "17", "005F", 38],
  ["9050", "サービス業", "10", "0060", 143],
];

/** The 33 industries in code order. */
export const sectors: readonly Sector[] = sectorRows.map(([s33, name, s17, indexCode, weight]) => ({
  s33,
  name,
  s17,
  indexCode,
  weight,
}));

/** Index in `sectors` of an issue outside the 33 industries. */
export const otherSector = -1;

export const otherSectorNames = { s33: "9999", name: "その他", s17: "99" } as const;

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

const marketNames = new Map([
  ["0101", "東証一部"],
  ["0102", "東証二部"],
  ["0104", "マザーズ"],
  ["0105", "TOKYO PRO MARKET"],
  ["0106", "JASDAQ スタンダード"],
  ["0107", "JASDAQ グロース"],
  ["0109", "その他"],
  ["0111", "プライム"],
  ["0112", "スタンダード"],
  ["0113", "グロース"],
]);

/** Japanese name of a market segment code. */
export function marketName(code: string): string {
  return marketNames.get(code) ?? otherSectorNames.name;
}

/** Section of the investor-types data for a market segment code; empty when the segment is not in it. */
export function investorSection(market: string): string {
  return investorSections.get(market) ?? "";
}

const investorSections = new Map([
  ["0101", "TSE1st"],
  ["0102", "TSE2nd"],
  ["0104", "TSEMothers"],
  ["0106", "TSEJASDAQ"],
  ["0107", "TSEJASDAQ"],
  ["0111", "TSEPrime"],
  ["0112", "TSEStandard"],
  ["0113", "TSEGrowth"],
]);

/** TOPIX size classes, largest first; index 5 is none. */
export const scaleNames: readonly string[] = [
  "TOPIX Core30",
  "TOPIX Large70",
  "TOPIX Mid400",
  "TOPIX Small 1",
  "TOPIX Small 2",
  "-",
];

/** Scale index from which on an issue has no size class. */
export const noScale = 5;

export const marginNames: ReadonlyMap<string, string> = new Map([
  ["1", "信用"],
  ["2", "貸借"],
  ["3", "その他"],
]);
