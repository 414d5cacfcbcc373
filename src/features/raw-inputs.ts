// The columns that features may read besides other features: one table says what each is and where it comes from.

import { ConfigError } from "../errors.ts";
import type { Domain } from "./feature.ts";

/**
 * Prices are adjusted on a basis that starts at 1 on the lake's first session and moves with each split (price ÷ basis,
 * volume × basis), so that a later split never changes an earlier row. A level times `basis` is in the row's own yen.
 */
export const stockInputs: ReadonlyMap<string, string> = new Map([
  ["open", "open, adjusted forward"],
  ["high", "high, adjusted forward"],
  ["low", "low, adjusted forward"],
  ["close", "close, adjusted forward"],
  ["volume", "shares traded, adjusted forward"],
  ["turnover", "JPY traded"],
  ["basis", "product of AdjFactor up to today"],
  ["am_open", "open of the morning session, adjusted forward"],
  ["am_high", "high of the morning session, adjusted forward"],
  ["am_low", "low of the morning session, adjusted forward"],
  ["am_close", "close of the morning session, adjusted forward"],
  ["am_volume", "shares traded in the morning session, adjusted forward"],
  ["am_turnover", "JPY traded in the morning session"],
  ["sector33_id", "position in the table of 33 sectors"],
  ["sector17_id", "position in the table of 17 sectors"],
  ["section_id", "position in the table of market sections"],
  ["margin_class", "1 margin, 2 loanable, 3 other"],
]);

/** Market series: the session's own date, TOPIX, and any index as `index_<code>_<field>`. */
export const marketInputs: ReadonlyMap<string, string> = new Map([
  ["session_day", "epoch day of the session"],
  ["half_day", "1 on a half-day session"],
  ["sessions_left_in_month", "sessions of the month after today, from the calendar"],
  ["topix_open", "TOPIX open"],
  ["topix_high", "TOPIX high"],
  ["topix_low", "TOPIX low"],
  ["topix_close", "TOPIX close"],
]);

/** Series of each of the 33 sectors: the exchange's own sector index. */
export const sectorInputs: ReadonlyMap<string, string> = new Map([
  ["sector_index_open", "open of the sector's index"],
  ["sector_index_high", "high of the sector's index"],
  ["sector_index_low", "low of the sector's index"],
  ["sector_index_close", "close of the sector's index"],
]);

const indexInput = /^index_([0-9A-Z]{4})_(open|high|low|close)$/u;

export interface IndexInput {
  readonly code: string;
  readonly field: "O" | "H" | "L" | "C";
}

/** Code and field of `index_002B_close`; undefined for another name. */
export function parseIndexInput(name: string): IndexInput | undefined {
  const match = indexInput.exec(name);
  if (match === null) return undefined;
  return { code: match[1], field: fieldOf(match[2]) };
}

/** The domain of a raw input. Throws ConfigError for a name that is none. */
export function rawInputDomain(name: string): Domain {
  if (stockInputs.has(name)) return "stock";
  if (marketInputs.has(name) || indexInput.test(name)) return "market";
  if (sectorInputs.has(name)) return "sector33";
  throw new ConfigError(
    `features: no feature and no raw input is called ${name}; raw inputs are ${[...stockInputs.keys(), ...marketInputs.keys(), ...sectorInputs.keys()].join(", ")} and index_<code>_<open|high|low|close>`,
  );
}

function fieldOf(word: string): IndexInput["field"] {
  if (word === "open") return "O";
  if (word === "high") return "H";
  return word === "low" ? "L" : "C";
}
