// Contract months of derivatives: special quotation days, last trading days, listing and codes.

import { civilOfDay, dayOfCivil, dayOfWeek, type Calendar } from "../../calendar/index.ts";

export interface ContractMonth {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  /** Second Friday, or the session before it. */
  readonly quotationDay: number;
  /** The session before the special quotation. */
  readonly lastDay: number;
}

/** The contract of a month. */
function contractOf(calendar: Calendar, year: number, month: number): ContractMonth {
  const first = dayOfCivil(year, month, 1);
  const friday = first + ((5 - dayOfWeek(first) + 7) % 7) + 7;
  const quotationDay = calendar.onOrBefore(friday);
  return { year, month, quotationDay, lastDay: calendar.previous(quotationDay) };
}

/** The next `count` contracts that still trade on `day`, a month apart or, with `step` 3, in March, June, September, December. */
export function activeContracts(
  calendar: Calendar,
  day: number,
  count: number,
  step: 1 | 3,
): readonly ContractMonth[] {
  const { month, year } = civilOfDay(day);
  const found: ContractMonth[] = [];
  for (let i = 0; found.length < count && i < count * step + 4; i += 1) {
    const at = year * 12 + month - 1 + i;
    const contractMonth = (at % 12) + 1;
    if (step === 3 && contractMonth % 3 !== 0) continue;
    if (dayOfCivil(Math.floor(at / 12), contractMonth, 20) > calendar.lastDay) break;
    const contract = contractOf(calendar, Math.floor(at / 12), contractMonth);
    if (contract.lastDay >= day) found.push(contract);
  }
  return found;
}

/** True on a contract's first session: it was not among the active ones on the session before. */
export function isFirstSession(
  calendar: Calendar,
  day: number,
  contract: ContractMonth,
  count: number,
  step: 1 | 3,
): boolean {
  return activeContracts(calendar, calendar.previous(day), count, step).every(
    (other) => other.quotationDay !== contract.quotationDay,
  );
}

export type ContractKind = "put" | "call" | "futures";

const kindDigits: Readonly<Record<ContractKind, string>> = { put: "3", call: "4", futures: "6" };

/** 9 digits: 1, kind, last digit of years since 2015, month, strike number and product. */
export function contractCode(
  kind: ContractKind,
  { month, year }: ContractMonth,
  strike: number,
  product: string,
): string {
  const yearDigit = (((year - 2015) % 10) + 10) % 10;
  return `1${kindDigits[kind]}${yearDigit}${pad(month)}${pad(strike % 100)}${product}`;
}

/** `YYYY-MM`. */
export function contractMonthText({ month, year }: ContractMonth): string {
  return `${year}-${pad(month)}`;
}

function pad(value: number): string {
  return String(value).padStart(2, "0");
}
