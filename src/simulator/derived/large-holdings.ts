// Rows of /edinet/large-volume-shareholders: reports of holders above five per cent, with a change report now and then.

import { civilOfDay, dayOfCivil, isoDate } from "../../calendar/index.ts";
import { createRng, type Rng } from "../../rng.ts";
import type { MarketRow } from "../market/types.ts";
import { documentId, edinetCode } from "./annual-reports.ts";
import {
  companyOf,
  daysAfter,
  directoryOf,
  withinMarket,
  type BaseMarket,
  type DerivedSource,
} from "./source.ts";

/** Share of issues about which a report is filed in a month. */
const monthlyShare = 0.03;

/** At most one report an issue and month, by date and code. */
export const largeHoldings: DerivedSource = (market, range) => {
  const { fromDay, toDay } = withinMarket(market, range);
  const codes = range.code === undefined ? [...directoryOf(market).keys()] : [range.code];
  const rows: { readonly day: number; readonly row: MarketRow }[] = [];
  for (let month = monthStart(fromDay); month <= toDay; month = monthStart(month + 31)) {
    for (const code of codes) {
      const rng = createRng(`large/${market.config.seed}/${code}/${month}`);
      if (rng.uniform() >= monthlyShare) continue;
      const day = market.sessions.calendar.onOrAfter(month + rng.integer(26));
      if (day >= fromDay && day <= toDay) rows.push({ day, row: reportOf(market, code, day, rng) });
    }
  }
  return rows.sort((left, right) => left.day - right.day).map(({ row }) => row);
};

function monthStart(day: number): number {
  const { year, month } = civilOfDay(day);
  return dayOfCivil(year, month, 1);
}

function reportOf(market: BaseMarket, code: string, day: number, rng: Rng): MarketRow {
  const filed = isoDate(day);
  const isChange = rng.uniform() < 0.5;
  const ratio = Math.round((0.05 + 0.08 * rng.uniform()) * 1e4) / 1e4;
  const last = isChange ? Math.round((ratio + 0.01) * 1e4) / 1e4 : null;
  const outstanding = 1_000_000 * (5 + rng.integer(200));
  const shares = Math.round(outstanding * ratio);
  return {
    DocId: documentId(`large/${code}/${filed}`),
    ParDocId: null,
    Code: code,
    EdinetCode: edinetCode(code),
    IsrName: companyOf(market, code).name,
    DocTypeCode: "350",
    SubDate: filed,
    SubTime: rng.uniform() < 0.3 ? "10:30:00" : "15:45:00",
    RptOblgDate: daysAfter(filed, -5),
    LargeHldgTypeCode: isChange ? "2" : "1",
    DocTitle: isChange ? "変更報告書" : "大量保有報告書",
    ChgRsn: isChange ? "株券等保有割合が１％以上減少したこと" : "",
    TotalShsHeld: shares,
    TotalShsRatio: ratio,
    TotalShsRatioLast: last,
    TotalOutStks: outstanding,
    Hldrs: [holderOf({ filed, shares, ratio, last })],
  };
}

interface Holding {
  readonly filed: string;
  readonly shares: number;
  readonly ratio: number;
  readonly last: number | null;
}

function holderOf({ filed, shares, ratio, last }: Holding): MarketRow {
  const traded = last === null ? shares : Math.round(shares * 0.2);
  return {
    HldrName: "模擬投資顧問株式会社",
    HldrNameEn: "Simulated Asset Management Co., Ltd.",
    HldrEdinetCode: "E99999",
    HldrCode: "",
    LargeHldrTypeCode: "2",
    LargeHldrTypeRaw: "法人（株式会社）",
    HldgPurp: "純投資",
    ImpProp: "",
    ColAgr: "",
    ShsHeld: shares,
    ShsRatio: ratio,
    ShsRatioLast: last,
    OwnFund: shares * 1000,
    TotalBrw: null,
    TotalOther: null,
    OtherBrk: "",
    TotalFund: shares * 1000,
    AcqDisp: [
      {
        Date: daysAfter(filed, -6),
        SecType: "普通株式",
        Shs: traded,
        Ratio: Math.round(ratio * 2000) / 100,
        Mkt: "市場内",
        MktCode: "1",
        TxnType: last === null ? "取得" : "処分",
        TxnTypeCode: last === null ? "1" : "2",
        Cptty: "",
        Price: null,
        PriceRaw: "",
      },
    ],
    BrwList: [{ Name: "模擬銀行", Ind: "銀行", Rep: "", Addr: "", DiscBrwPurp: "2", Amt: null }],
    CredList: [{ Name: "模擬銀行", Rep: "", Addr: "" }],
  };
}
