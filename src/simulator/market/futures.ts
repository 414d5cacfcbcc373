// Rows of /derivatives/bars/daily/futures: index futures around their fair value, night session before day session, rolls.

import { civilOfDay, epochDay, isoDate } from "../../calendar/index.ts";
import type { MarketContext, RowQuery } from "./context.ts";
import {
  activeContracts,
  contractCode,
  isFirstSession,
  type ContractMonth,
  contractMonthText,
} from "./contracts.ts";
import { carry, interestRate, underlyingDay, type UnderlyingDay } from "./derivative-prices.ts";
import {
  indexPosition,
  jpxNikkei400Position,
  levelCount,
  nikkeiPosition,
} from "./index-members.ts";
import type { Rng } from "../../rng.ts";
import type { MarketRow } from "./types.ts";

interface Product {
  readonly category: string;
  /** Position of the underlying index. */
  readonly underlying: number;
  readonly tick: number;
  readonly multiplier: number;
  readonly product: string;
  readonly months: number;
  readonly step: 1 | 3;
  readonly from: string;
  /** Contracts a day in the central month. */
  readonly volume: number;
}

const products: readonly Product[] = [
  {
    category: "TOPIXF",
    underlying: 0,
    tick: 0.5,
    multiplier: 10_000,
    product: "0005",
    months: 5,
    step: 3,
    from: "2008-05-07",
    volume: 80_000,
  },
  {
    category: "TOPIXMF",
    underlying: 0,
    tick: 0.25,
    multiplier: 1000,
    product: "0006",
    months: 3,
    step: 3,
    from: "2008-06-16",
    volume: 5_000,
  },
  {
    category: "NK225F",
    underlying: nikkeiPosition,
    tick: 10,
    multiplier: 1000,
    product: "0018",
    months: 5,
    step: 3,
    from: "2008-05-07",
    volume: 70_000,
  },
  {
    category: "NK225MF",
    underlying: nikkeiPosition,
    tick: 5,
    multiplier: 100,
    product: "0019",
    months: 5,
    step: 1,
    from: "2008-05-07",
    volume: 900_000,
  },
  {
    category: "NK225MCF",
    underlying: nikkeiPosition,
    tick: 5,
    multiplier: 10,
    product: "0023",
    months: 3,
    step: 1,
    from: "2023-05-29",
    volume: 400_000,
  },
  {
    category: "JN400F",
    underlying: jpxNikkei400Position,
    tick: 5,
    multiplier: 100,
    product: "0022",
    months: 5,
    step: 3,
    from: "2014-11-25",
    volume: 30_000,
  },
  {
    category: "MOTF",
    underlying: indexPosition("0070"),
    tick: 1,
    multiplier: 1000,
    product: "0020",
    months: 5,
    step: 3,
    from: "2016-07-19",
    volume: 3_000,
  },
  {
    category: "REITF",
    underlying: indexPosition("0075"),
    tick: 0.5,
    multiplier: 1000,
    product: "0013",
    months: 3,
    step: 3,
    from: "2008-06-16",
    volume: 1_500,
  },
];

/** First day with settlement, last trading day and the other later columns. */
export const detailedFrom: number = epochDay("2016-07-19");

/** Bounds of the gap between a futures price and its fair value, as a share of it, before rounding to the tick. */
const futuresSpread = 0.0006;

/** Contracts of every product by date. */
export function futures(market: MarketContext, query: RowQuery): MarketRow[] {
  const { calendar, days } = market.sessions;
  const rows: MarketRow[] = [];
  for (let d = query.first; d <= query.last; d += 1) {
    for (const product of products) {
      if (days[d] < epochDay(product.from)) continue;
      const contracts = activeContracts(calendar, days[d], product.months, product.step);
      const central = centralContract(contracts, days[d]);
      for (const contract of contracts) {
        rows.push(
          futuresRow(market, {
            product,
            contract,
            d,
            isCentral: contract === central,
            position: contracts.indexOf(contract),
          }),
        );
      }
    }
  }
  return rows.filter((row) => query.code === undefined || row["Code"] === query.code);
}

/** The nearest contract, rolled to the next one three days before its last. */
export function centralContract(
  contracts: readonly ContractMonth[],
  day: number,
): ContractMonth | undefined {
  return contracts.find((contract) => contract.lastDay - day >= 3) ?? contracts[0];
}

interface Cell {
  readonly product: Product;
  readonly contract: ContractMonth;
  readonly d: number;
  readonly isCentral: boolean;
  readonly position: number;
}

/** Forward over spot of a contract on a session, from its close to the special quotation. */
export function carryOf({ sessions }: MarketContext, contract: ContractMonth, d: number): number {
  const day = sessions.days[d];
  return carry((contract.quotationDay - day) / 365, interestRate(civilOfDay(day).year));
}

function futuresRow(market: MarketContext, cell: Cell): MarketRow {
  const { contract, d, isCentral, product } = cell;
  const day = market.sessions.days[d];
  const code = contractCode("futures", contract, 0, product.product.slice(2));
  const rng = market.rng.split(`futures/${product.category}/${code}/${d}`);
  const spot = underlyingDay(market, d, product.underlying, levelCount);
  const bars = sessionBars(spot, carryOf(market, contract, d), product.tick, rng);
  const weight = isCentral ? 1 : 0.06 / (1 + cell.position);
  const Vo = Math.max(1, Math.round(product.volume * weight * Math.exp(0.3 * rng.normal())));
  const { calendar } = market.sessions;
  const isFirst = isFirstSession(calendar, day, contract, product.months, product.step);
  const isDetailed = day >= detailedFrom;
  const { night } = bars;
  const whole = isFirst ? bars.day : joinBars(night, bars.day);
  return {
    Code: code,
    ProdCat: product.category,
    Date: isoDate(day),
    O: whole.open,
    H: whole.high,
    L: whole.low,
    C: bars.day.close,
    MO: "",
    MH: "",
    ML: "",
    MC: "",
    EO: isFirst ? "" : night.open,
    EH: isFirst ? "" : night.high,
    EL: isFirst ? "" : night.low,
    EC: isFirst ? "" : night.close,
    AO: bars.day.open,
    AH: bars.day.high,
    AL: bars.day.low,
    AC: bars.day.close,
    Vo,
    OI: Math.round(product.volume * weight * 4 * Math.exp(0.05 * rng.normal())),
    Va: Math.round(Vo * ((whole.high + whole.low) / 2) * product.multiplier),
    CM: contractMonthText(contract),
    VoOA: isDetailed ? Math.round(Vo * 0.96) : null,
    EmMrgnTrgDiv: "002",
    LTD: isDetailed ? isoDate(contract.lastDay) : null,
    SQD: isDetailed ? isoDate(contract.quotationDay) : null,
    Settle: isDetailed ? bars.settlement : null,
    CCMFlag: isDetailed ? (isCentral ? "1" : "0") : null,
  };
}

export interface SessionBar {
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
}

interface SessionBars {
  readonly night: SessionBar;
  readonly day: SessionBar;
  readonly settlement: number;
}

/** The night runs from the last close through most of the gap to the open; the day follows the index. */
function sessionBars(spot: UnderlyingDay, factor: number, tick: number, rng: Rng): SessionBars {
  const price = (level: number): number => {
    const gap = Math.max(-1, Math.min(1, rng.normal() / 3)) * futuresSpread;
    return toTick(level * factor * (1 + gap), tick);
  };
  const nightEnd = spot.previous + 0.85 * (spot.open - spot.previous);
  const reach = 0.4 * Math.abs(spot.high - spot.low);
  const night = orderedBar(
    price(spot.previous),
    price(nightEnd),
    price(Math.max(spot.previous, nightEnd) + reach * rng.uniform()),
    price(Math.min(spot.previous, nightEnd) - reach * rng.uniform()),
  );
  const day = orderedBar(price(spot.open), price(spot.close), price(spot.high), price(spot.low));
  return { night, day, settlement: price(spot.close) };
}

function orderedBar(open: number, close: number, high: number, low: number): SessionBar {
  return { open, close, high: Math.max(open, close, high), low: Math.min(open, close, low) };
}

function joinBars(first: SessionBar, second: SessionBar): SessionBar {
  return {
    open: first.open,
    high: Math.max(first.high, second.high),
    low: Math.min(first.low, second.low),
    close: second.close,
  };
}

function toTick(price: number, tick: number): number {
  return Math.round(price / tick) * tick;
}
