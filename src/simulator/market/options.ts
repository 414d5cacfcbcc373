// Rows of /derivatives/bars/daily/options/225 and /options: strikes around the index on one volatility surface.

import { civilOfDay, dayOfCivil, epochDay, isoDate } from "../../calendar/index.ts";
import type { Rng } from "../../rng.ts";
import type { MarketContext, RowQuery } from "./context.ts";
import {
  activeContracts,
  contractCode,
  isFirstSession,
  type ContractMonth,
  contractMonthText,
} from "./contracts.ts";
import {
  atmVolatility,
  blackPrices,
  interestRate,
  strikeVolatility,
  underlyingDay,
} from "./derivative-prices.ts";
import { carryOf, centralContract, detailedFrom } from "./futures.ts";
import { levelCount, nikkeiPosition } from "./index-members.ts";
import type { MarketRow } from "./types.ts";

interface OptionProduct {
  readonly category: string;
  readonly underlying: number;
  readonly strikeStep: number;
  /** Farthest strike, as a share of the index. */
  readonly reach: number;
  readonly multiplier: number;
  readonly product: string;
  readonly months: number;
  readonly from: string;
  readonly isWeekly: boolean;
}

const nikkei: OptionProduct = {
  category: "NK225E",
  underlying: nikkeiPosition,
  strikeStep: 250,
  reach: 0.16,
  multiplier: 1000,
  product: "18",
  months: 5,
  from: "2008-05-07",
  isWeekly: false,
};

const products: readonly OptionProduct[] = [
  nikkei,
  {
    category: "TOPIXE",
    underlying: 0,
    strikeStep: 25,
    reach: 0.1,
    multiplier: 10_000,
    product: "05",
    months: 2,
    from: "2008-05-07",
    isWeekly: false,
  },
  {
    category: "NK225MWE",
    underlying: nikkeiPosition,
    strikeStep: 250,
    reach: 0.06,
    multiplier: 100,
    product: "17",
    months: 1,
    from: "2023-05-29",
    isWeekly: true,
  },
];

/** A day on which the market moves by this much has an emergency margin snapshot beside the settlement one. */
const emergencyMove = 0.035;

/** Monthly Nikkei 225 options. */
export function nikkeiOptions(market: MarketContext, query: RowQuery): MarketRow[] {
  return optionRows(market, query, [nikkei]).map(({ row }) => row);
}

/** All index options, with their category. */
export function options(market: MarketContext, query: RowQuery): MarketRow[] {
  return optionRows(market, query, products).map(({ category, contractFlag, row }) => ({
    ...row,
    ProdCat: category,
    UndSSO: "-",
    MO: "",
    MH: "",
    ML: "",
    MC: "",
    CCMFlag: row["Settle"] === null ? null : contractFlag,
  }));
}

interface OptionRow {
  readonly category: string;
  readonly contractFlag: string;
  readonly row: MarketRow;
}

function optionRows(
  market: MarketContext,
  query: RowQuery,
  list: readonly OptionProduct[],
): readonly OptionRow[] {
  const { calendar, days } = market.sessions;
  const rows: OptionRow[] = [];
  for (let d = query.first; d <= query.last; d += 1) {
    for (const product of list) {
      if (days[d] < epochDay(product.from)) continue;
      const contracts = activeContracts(calendar, days[d], product.months, 1);
      const central = centralContract(contracts, days[d]);
      for (const contract of contracts) {
        const contractFlag = contract === central ? "1" : "0";
        for (const row of contractRows(market, product, contract, d)) {
          if (query.code === undefined || row["Code"] === query.code)
            rows.push({ category: product.category, contractFlag, row });
        }
      }
    }
  }
  return rows;
}

interface Quote {
  readonly product: OptionProduct;
  readonly contract: ContractMonth;
  readonly d: number;
  readonly spot: number;
  readonly forward: number;
  readonly years: number;
  readonly rate: number;
  readonly atm: number;
  /** True on the first session of the contract, which had no night. */
  readonly isFirst: boolean;
}

function contractRows(
  market: MarketContext,
  product: OptionProduct,
  contract: ContractMonth,
  d: number,
): readonly MarketRow[] {
  const day = market.sessions.days[d];
  const level = underlyingDay(market, d, product.underlying, levelCount);
  const years = Math.max(1, contract.quotationDay - day) / 365;
  const rate = interestRate(civilOfDay(day).year);
  const forward = level.close * carryOf(market, contract, d);
  const atm = atmVolatility(market, d, years);
  const isFirst = isFirstSession(market.sessions.calendar, day, contract, product.months, 1);
  const quote: Quote = {
    product,
    contract,
    d,
    spot: level.close,
    forward,
    years,
    rate,
    atm,
    isFirst,
  };
  const step = strikeStep(product, level.close, years);
  const first = Math.ceil((level.close * (1 - product.reach)) / step) * step;
  const rng = market.rng.split(`options/${product.category}/${contractMonthText(contract)}/${d}`);
  const isEmergency = Math.abs(level.close / level.previous - 1) > emergencyMove;
  const rows: MarketRow[] = [];
  let number = 0;
  for (let strike = first; strike <= level.close * (1 + product.reach); strike += step) {
    number += 1;
    for (const kind of ["put", "call"] as const) {
      const row = optionRow(
        quote,
        { kind, strike, code: contractCode(kind, contract, number, product.product) },
        day,
        rng,
      );
      if (isEmergency) rows.push({ ...row, EmMrgnTrgDiv: "001" });
      rows.push(row);
    }
  }
  return rows;
}

/** Farther months have half the strikes; a step never leaves more than 99, which is what a code can number. */
function strikeStep(product: OptionProduct, level: number, years: number): number {
  let step = product.strikeStep * (years > 0.3 ? 2 : 1);
  while ((2 * product.reach * level) / step > 97) step *= 2;
  return step;
}

interface Series {
  readonly kind: "put" | "call";
  readonly strike: number;
  readonly code: string;
}

/** Puts and calls of a strike share one volatility, so theoretical prices keep put-call parity exactly. */
function optionRow(quote: Quote, { code, kind, strike }: Series, day: number, rng: Rng): MarketRow {
  const { atm, contract, forward, isFirst, product, rate, spot, years } = quote;
  const volatility = strikeVolatility(atm, strike, forward);
  const theoretical = blackPrices({ forward, strike, years, rate, volatility })[kind];
  const settlement = Math.max(1, toTick(theoretical));
  const distance = Math.abs(Math.log(strike / spot)) / (atm * Math.sqrt(years));
  const volume = Math.round(
    400 * Math.exp(-distance * distance - years * 6) * rng.uniform() ** 2 * 4,
  );
  const { day: dayBar, night } = tradedBars(settlement, volume, rng);
  const isDetailed = day >= detailedFrom;
  const detail = <T>(value: T): T | null => (isDetailed ? value : null);
  return {
    Date: isoDate(day),
    Code: code,
    O: isFirst ? dayBar[0] : night[0],
    H: isFirst ? dayBar[1] : Math.max(night[1], dayBar[1]),
    L: isFirst ? dayBar[2] : Math.min(night[2], dayBar[2]),
    C: dayBar[3],
    EO: isFirst ? "" : night[0],
    EH: isFirst ? "" : night[1],
    EL: isFirst ? "" : night[2],
    EC: isFirst ? "" : night[3],
    AO: dayBar[0],
    AH: dayBar[1],
    AL: dayBar[2],
    AC: dayBar[3],
    Vo: volume,
    OI: Math.round(2500 * Math.exp(-distance * distance * 0.7) * (0.5 + rng.uniform())),
    Va: Math.round(volume * settlement * product.multiplier),
    CM: product.isWeekly ? weekText(contract) : contractMonthText(contract),
    Strike: strike,
    VoOA: detail(Math.round(volume * 0.9)),
    EmMrgnTrgDiv: "002",
    PCDiv: kind === "put" ? "1" : "2",
    LTD: detail(isoDate(contract.lastDay)),
    SQD: detail(isoDate(contract.quotationDay)),
    Settle: detail(settlement),
    Theo: detail(Math.round(theoretical * 10_000) / 10_000),
    BaseVol: detail(Math.round(atm * 1e7) / 1e5),
    UnderPx: detail(Math.round(spot * 100) / 100),
    IV: detail(Math.round(volatility * 1e6) / 1e4),
    IR: detail(Math.round(rate * 1e6) / 1e4),
  };
}

/** Open, high, low and close of both sessions; zeros without a trade. */
function tradedBars(
  settlement: number,
  volume: number,
  rng: Rng,
): { readonly day: readonly number[]; readonly night: readonly number[] } {
  if (volume === 0) return { day: [0, 0, 0, 0], night: [0, 0, 0, 0] };
  const draws = Array.from({ length: 3 }, () =>
    Math.max(1, toTick(settlement * Math.exp(0.06 * rng.normal()))),
  );
  const bar = (open: number, end: number): readonly number[] => [
    open,
    Math.max(open, end),
    Math.min(open, end),
    end,
  ];
  return { night: bar(draws[0], draws[1]), day: bar(draws[2], settlement) };
}

/** `YYYY-WW` of the week of the special quotation. */
function weekText({ quotationDay, year }: ContractMonth): string {
  const week = Math.ceil((quotationDay - dayOfCivil(year, 1, 1) + 1) / 7);
  return `${year}-${String(week).padStart(2, "0")}`;
}

/** Tick of index options: 1 up to 100, 5 up to 1,000, then 10. */
function toTick(price: number): number {
  const tick = price <= 100 ? 1 : price <= 1000 ? 5 : 10;
  return Math.round(price / tick) * tick;
}
