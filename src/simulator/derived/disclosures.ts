// Rows of /td/list: the timely disclosures behind earnings releases and revisions.

import type { MarketRow } from "../market/types.ts";
import { companyOf, text, withinMarket, type BaseMarket, type DerivedSource } from "./source.ts";

const periodNames: ReadonlyMap<string, string> = new Map([
  ["1Q", "第１四半期"],
  ["2Q", "第２四半期（中間期）"],
  ["3Q", "第３四半期"],
  ["FY", "通期"],
]);

/** Item codes of the simulator's own: 101 earnings release, 102 revision of forecasts, 103 revision of dividends. */
const items = { release: "101", earnings: "102", dividend: "103" } as const;

/** One disclosure for each earnings release and each revision, under the release's own number. */
export const disclosures: DerivedSource = (market, range) =>
  market
    .rows("/fins/summary", withinMarket(market, range))
    .map(({ row }) => disclosureOf(market, row));

function disclosureOf(market: BaseMarket, row: MarketRow): MarketRow {
  const documentType = text(row, "DocType");
  const isRevision = documentType.endsWith("Revision");
  return {
    DiscNo: text(row, "DiscNo"),
    Code: text(row, "Code"),
    Name: companyOf(market, text(row, "Code")).name,
    DiscDate: text(row, "DiscDate"),
    DiscTime: text(row, "DiscTime").slice(0, 5),
    Title: titleOf(row, documentType),
    DiscStatus: "",
    RevNo: 1,
    DiscItems: [itemOf(documentType)],
    Docs: isRevision ? ["g"] : ["g", "s", "x"],
  };
}

function titleOf(row: MarketRow, documentType: string): string {
  if (documentType.includes("DividendForecastRevision")) return "配当予想の修正に関するお知らせ";
  if (documentType.endsWith("Revision")) return "業績予想の修正に関するお知らせ";
  const year = text(row, "CurFYEn").slice(0, 7);
  return `${year}期 ${periodNames.get(text(row, "CurPerType")) ?? ""}決算短信`;
}

function itemOf(documentType: string): string {
  if (documentType.includes("DividendForecastRevision")) return items.dividend;
  return documentType.endsWith("Revision") ? items.earnings : items.release;
}
