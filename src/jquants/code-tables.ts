// Code tables of the exchange as J-Quants uses them: industries, market segments, sections of the investor statistics, size classes.

export interface Industry {
  /** TSE 33-industry code, and its name. */
  readonly s33: string;
  readonly name: string;
  /** Code of the TOPIX-17 sector it belongs to. */
  readonly s17: string;
  /** Code of its index in /indices/bars/daily. */
  readonly indexCode: string;
}

type IndustryRow = readonly [s33: string, name: string, s17: string, indexCode: string];

const industryRows: readonly IndustryRow[] = [
  ["0050", "水産・農林業", "1", "0040"],
  ["1050", "鉱業", "2", "0041"],
  ["2050", "建設業", "3", "0042"],
  ["3050", "食料品", "1", "0043"],
  ["3100", "繊維製品", "4", "0044"],
  ["3150", "パルプ・紙", "4", "0045"],
  ["3200", "化学", "4", "0046"],
  ["3250", "医薬品", "5", "0047"],
  ["3300", "石油・石炭製品", "2", "0048"],
  ["3350", "ゴム製品", "6", "0049"],
  ["3400", "ガラス・土石製品", "3", "004A"],
  ["3450", "鉄鋼", "7", "004B"],
  ["3500", "非鉄金属", "7", "004C"],
  ["3550", "金属製品", "3", "004D"],
  ["3600", "機械", "8", "004E"],
  ["3650", "電気機器", "9", "004F"],
  ["3700", "輸送用機器", "6", "0050"],
  ["3750", "精密機器", "9", "0051"],
  ["3800", "その他製品", "10", "0052"],
  ["4050", "電気・ガス業", "11", "0053"],
  ["5050", "陸運業", "12", "0054"],
  ["5100", "海運業", "12", "0055"],
  ["5150", "空運業", "12", "0056"],
  ["5200", "倉庫・運輸関連業", "12", "0057"],
  ["5250", "情報・通信業", "10", "0058"],
  ["6050", "卸売業", "13", "0059"],
  ["6100", "小売業", "14", "005A"],
  ["7050", "銀行業", "15", "005B"],
  ["7100", "証券、商品先物取引業", "16", "005C"],
  ["7150", "保険業", "16", "005D"],
  ["7200", "その他金融業", "16", "005E"],
  ["8050", "不動産業", "17", "005F"],
  ["9050", "サービス業", "10", "0060"],
];

/** The 33 industries of the TSE in code order. */
export const industries: readonly Industry[] = industryRows.map(([s33, name, s17, indexCode]) => ({
  s33,
  name,
  s17,
  indexCode,
}));

/** Issues outside the 33 industries: funds, foreign and other securities. */
export const otherIndustry = { s33: "9999", name: "その他", s17: "99" } as const;

/** Japanese names of the market segments by code, those before the reform of 2022-04-04 first. */
export const marketSegments: ReadonlyMap<string, string> = new Map([
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

/** Sections as /equities/investor-types names them. */
export const sectionNames: readonly string[] = [
  "TSE1st",
  "TSE2nd",
  "TSEMothers",
  "TSEJASDAQ",
  "TSEPrime",
  "TSEStandard",
  "TSEGrowth",
];

/** Market code of /equities/master to section; codes that are absent (TOKYO PRO, others) have none. */
export const sectionOfMarket: ReadonlyMap<string, string> = new Map([
  ["0101", "TSE1st"],
  ["0102", "TSE2nd"],
  ["0104", "TSEMothers"],
  ["0106", "TSEJASDAQ"],
  ["0107", "TSEJASDAQ"],
  ["0111", "TSEPrime"],
  ["0112", "TSEStandard"],
  ["0113", "TSEGrowth"],
]);

/** Size classes of TOPIX, largest first, as ScaleCat of /equities/master names them; "-" is none of them. */
export const scaleNames: readonly string[] = [
  "TOPIX Core30",
  "TOPIX Large70",
  "TOPIX Mid400",
  "TOPIX Small 1",
  "TOPIX Small 2",
];
