// Rows of /fins/details: the statements behind a release under the labels of its accounting standard.

import { isoDate } from "../../calendar/index.ts";
import type { MarketContext, RowQuery } from "./context.ts";
import type { Filing } from "./filings.ts";
import type { Issue } from "./issues.ts";
import { documentType, filingsWithin } from "./statement-rows.ts";
import type { MarketRow } from "./types.ts";

/** Filings with actuals, in order of disclosure number. */
export function statementDetails(market: MarketContext, query: RowQuery): MarketRow[] {
  return filingsWithin(market, query)
    .filter((filing) => filing.figures.actual !== undefined)
    .map((filing) => {
      const issue = market.issues[filing.issue];
      return {
        DiscDate: isoDate(filing.day),
        DiscTime: `${filing.time}:00`,
        Code: issue.code,
        DiscNo: filing.number,
        DocType: documentType(issue, filing),
        FS: issue.standard === "JP" ? japaneseStatement(issue, filing) : ifrsStatement(filing),
      };
    });
}

type Statement = Readonly<Record<string, string>>;

function japaneseStatement(issue: Issue, filing: Filing): Statement {
  const { balance, income } = partsOf(filing);
  return {
    "EDINET code, DEI": `E${String(10_000 + issue.index).padStart(5, "0")}`,
    "Security code, DEI": issue.code,
    "Accounting standards, DEI": "Japan GAAP",
    "Net sales": income.sales,
    "Cost of sales": income.cost,
    "Gross profit (loss)": income.gross,
    "Operating profit (loss)": income.operating,
    "Ordinary profit (loss)": income.ordinary,
    "Profit (loss) attributable to owners of parent": income.net,
    "Cash and deposits": balance.cash,
    "Current assets": balance.current,
    "Property, plant and equipment": balance.equipment,
    "Total assets": balance.assets,
    "Long-term borrowings": balance.debt,
    Liabilities: balance.liabilities,
    "Net assets": balance.equity,
    "Net cash provided by (used in) operating activities": balance.cashOperating,
    "Purchase of property, plant and equipment": balance.purchases,
    "Net cash provided by (used in) investing activities": balance.cashInvesting,
    "Net cash provided by (used in) financing activities": balance.cashFinancing,
  };
}

function ifrsStatement(filing: Filing): Statement {
  const { balance, income } = partsOf(filing);
  return {
    "Accounting standards, DEI": "IFRS",
    "Revenue (IFRS)": income.sales,
    "Cost of sales (IFRS)": income.cost,
    "Gross profit (IFRS)": income.gross,
    "Operating profit (loss) (IFRS)": income.operating,
    "Profit (loss) attributable to owners of parent (IFRS)": income.net,
    "Cash and cash equivalents (IFRS)": balance.cash,
    "Current assets (IFRS)": balance.current,
    "Property, plant and equipment (IFRS)": balance.equipment,
    "Assets (IFRS)": balance.assets,
    "Bonds and borrowings - NCL (IFRS)": balance.debt,
    "Liabilities (IFRS)": balance.liabilities,
    "Equity (IFRS)": balance.equity,
    "Net cash provided by (used in) operating activities (IFRS)": balance.cashOperating,
    "Purchase of property, plant and equipment (IFRS)": balance.purchases,
    "Net cash provided by (used in) investing activities (IFRS)": balance.cashInvesting,
    "Net cash provided by (used in) financing activities (IFRS)": balance.cashFinancing,
  };
}

/** Assets = liabilities + equity; sales − cost = gross profit. */
function partsOf(filing: Filing): { readonly income: IncomeParts; readonly balance: BalanceParts } {
  const { actual, cashFlow, equity, totalAssets } = filing.figures;
  const sales = actual?.sales ?? 0;
  const operating = actual?.operating ?? 0;
  const gross = million(operating + sales * 0.18);
  const text = (value: number): string => String(million(value));
  return {
    income: {
      sales: text(sales),
      cost: text(sales - gross),
      gross: text(gross),
      operating: text(operating),
      ordinary: text(actual?.ordinary ?? 0),
      net: text(actual?.net ?? 0),
    },
    balance: {
      cash: text(cashFlow.cash),
      current: text(totalAssets * 0.52),
      equipment: text(totalAssets * 0.27),
      assets: text(totalAssets),
      debt: text((totalAssets - equity) * 0.35),
      liabilities: text(totalAssets - equity),
      equity: text(equity),
      cashOperating: text(cashFlow.operating),
      purchases: text(cashFlow.investing * 0.8),
      cashInvesting: text(cashFlow.investing),
      cashFinancing: text(cashFlow.financing),
    },
  };
}

interface IncomeParts {
  readonly sales: string;
  readonly cost: string;
  readonly gross: string;
  readonly operating: string;
  readonly ordinary: string;
  readonly net: string;
}

interface BalanceParts {
  readonly cash: string;
  readonly current: string;
  readonly equipment: string;
  readonly assets: string;
  readonly debt: string;
  readonly liabilities: string;
  readonly equity: string;
  readonly cashOperating: string;
  readonly purchases: string;
  readonly cashInvesting: string;
  readonly cashFinancing: string;
}

function million(yen: number): number {
  return Math.round(yen / 1e6) * 1e6;
}
