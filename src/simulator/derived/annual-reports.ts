// Rows of /edinet/major-shareholders and /edinet/cross-shareholdings: what companies file after each fiscal year.

import { epochDay, isoDate } from "../../calendar/index.ts";
import { hashBytes } from "../../hash.ts";
import { createRng, type Rng } from "../../rng.ts";
import type { MarketRow, RowRange } from "../market/types.ts";
import {
  companyOf,
  directoryOf,
  text,
  withinMarket,
  type BaseMarket,
  type DerivedSource,
} from "./source.ts";

/** Days from the end of a fiscal year to the annual report; the law allows three months. */
const filingDays = 88;

/** Earnings releases come at most this long before the annual report. */
const releaseDays = 100;

const holders = [
  "模擬信託銀行（信託口）",
  "模擬カストディ銀行（信託口）",
  "模擬生命保険相互会社",
  "SIMULATED STATE STREET CLIENT",
  "SIMULATED NOMINEES LIMITED",
  "模擬銀行",
  "模擬損害保険",
  "模擬従業員持株会",
  "模擬興産有限会社",
  "模擬証券",
] as const;

interface AnnualReport {
  readonly head: MarketRow;
  readonly rng: Rng;
  readonly shares: number;
}

/** Ten holders of each company that released a fiscal year, largest first. */
export const majorShareholders: DerivedSource = (market, range) =>
  annualReports(market, range, "holders").map(({ head, rng, shares }) => {
    let ratio = 0.06 + 0.1 * rng.uniform();
    const list = holders.map((name, i) => {
      ratio *= 0.7 + 0.2 * rng.uniform();
      return {
        Rank: i + 1,
        HldrName: name,
        HldrAddr: "東京都中央区",
        ShsHeld: Math.round(shares * ratio),
        ShsRatio: Math.round(ratio * 1e4) / 1e4,
      };
    });
    return { ...head, CurPerSt: null, CurPerEn: null, Hldrs: list };
  });

/** Up to three strategic holdings of each company that released a fiscal year. */
export const crossShareholdings: DerivedSource = (market, range) => {
  const codes = [...directoryOf(market).keys()];
  return annualReports(market, range, "cross").map(({ head, rng }) => ({
    ...head,
    Report: holdingBlock(market, text(head, "Code"), codes, rng),
    Largest: null,
    SecondLargest: null,
  }));
};

/** The EDINET code of an issue. */
export function edinetCode(code: string): string {
  const number = Number.parseInt(hashBytes(`edinet/${code}`).slice(0, 8), 16) % 90_000;
  return `E${String(10_000 + number)}`;
}

/** A document id: S and seven capital letters or digits. */
export function documentId(name: string): string {
  return `S${hashBytes(name).slice(0, 7).toUpperCase()}`;
}

function annualReports(market: BaseMarket, range: RowRange, kind: string): AnnualReport[] {
  const { calendar } = market.sessions;
  const own = withinMarket(market, range);
  const releases = market.rows("/fins/summary", {
    ...withinMarket(market, { ...range, fromDay: range.fromDay - releaseDays }),
    toDay: own.toDay,
  });
  const reports = new Map<string, AnnualReport>();
  for (const { row } of releases) {
    if (!text(row, "DocType").startsWith("FY")) continue;
    const released = epochDay(text(row, "DiscDate"));
    const filed = calendar.onOrAfter(
      Math.max(released + 1, epochDay(text(row, "CurPerEn")) + filingDays),
    );
    if (filed < own.fromDay || filed > own.toDay) continue;
    const head = headOf(market, row, isoDate(filed), kind);
    reports.set(text(head, "DocId"), {
      head,
      rng: createRng(`${kind}/${market.config.seed}/${text(head, "DocId")}`),
      shares: Number(text(row, "ShOutFY")) || 10_000_000,
    });
  }
  return [...reports.values()].sort((a, b) => (orderOf(a.head) < orderOf(b.head) ? -1 : 1));
}

function headOf(market: BaseMarket, row: MarketRow, filed: string, kind: string): MarketRow {
  const code = text(row, "Code");
  const company = companyOf(market, code);
  return {
    DocId: documentId(`${kind}/${code}/${text(row, "CurPerEn")}`),
    ParDocId: "",
    Code: code,
    EdinetCode: edinetCode(code),
    FilerName: company.name,
    FilerNameEn: company.nameEn,
    DocTypeCode: "120",
    SubDate: filed,
    SubTime: "15:00:00",
    PerSt: text(row, "CurFYSt"),
    PerEn: text(row, "CurFYEn"),
  };
}

function orderOf(head: MarketRow): string {
  return `${text(head, "SubDate")}${text(head, "Code")}`;
}

function holdingBlock(
  market: BaseMarket,
  code: string,
  codes: readonly string[],
  rng: Rng,
): MarketRow {
  const count = rng.integer(4);
  const held = Array.from({ length: count }, () =>
    heldShares(market, codes[rng.integer(codes.length)], rng),
  );
  const bookValue = held.reduce((sum, { CurBookVal }) => sum + CurBookVal, 0);
  return {
    HldrName: companyOf(market, code).name,
    HldrCode: code,
    HldrEdinetCode: edinetCode(code),
    ListedIss: count,
    ListedBookVal: bookValue,
    ListedIncIss: null,
    ListedIncAcqCost: null,
    ListedIncRsn: "",
    ListedDecIss: null,
    ListedDecSaleAmt: null,
    NonListedIss: 0,
    NonListedBookVal: 0,
    NonListedIncIss: null,
    NonListedIncAcqCost: null,
    NonListedIncRsn: "",
    NonListedDecIss: null,
    NonListedDecSaleAmt: null,
    Spec: held,
    Deem: [],
    SpecFn: "",
    DeemFn: "",
  };
}

function heldShares(market: BaseMarket, code: string, rng: Rng) {
  const shares = 1000 * (1 + rng.integer(500));
  const price = 500 + rng.integer(3000);
  return {
    IsrName: companyOf(market, code).name,
    IsrCode: code,
    IsrEdinetCode: edinetCode(code),
    CurShs: shares,
    PriShs: shares,
    CurBookVal: shares * price,
    PriBookVal: shares * (price - 50),
    CurShsNotDisc: "",
    PriShsNotDisc: "",
    CurBookValNotDisc: "",
    PriBookValNotDisc: "",
    HoldRat: "取引関係の維持",
    IsrHolds: "有",
    IsrHoldsCode: "1",
  };
}
