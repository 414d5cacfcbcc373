// All endpoints of J-Quants API V2 by path. Adding an endpoint is adding an entry to `endpointEntries`.

import { ConfigError } from "../errors.ts";
import { bulkGet, bulkList } from "./bulk.ts";
import { futures, nikkeiOptions, options } from "./derivatives.ts";
import { crossShareholdings, largeVolumeShareholders, majorShareholders } from "./edinet.ts";
import { dailyBars, master, minuteBars, morningBars, trades, valuation } from "./equities.ts";
import { details, dividend, earningsCalendar, earningsDate } from "./fins.ts";
import { summary } from "./fins-summary.ts";
import { investorTypes } from "./flows.ts";
import { indexBars, topix } from "./indices.ts";
import {
  breakdown,
  calendarDays,
  marginAlert,
  marginInterest,
  shortRatio,
  shortSaleReport,
} from "./markets.ts";
import { parseEndpoint } from "./parse-entry.ts";
import type { Endpoint, EndpointEntry } from "./schema.ts";
import { disclosureFiles, disclosureIndex, disclosures } from "./td.ts";

/** The entries, in the order of the specification. */
const endpointEntries: readonly EndpointEntry[] = [
  master,
  dailyBars,
  morningBars,
  minuteBars,
  trades,
  valuation,
  investorTypes,
  earningsCalendar,
  earningsDate,
  summary,
  details,
  dividend,
  indexBars,
  topix,
  calendarDays,
  marginInterest,
  marginAlert,
  shortRatio,
  shortSaleReport,
  breakdown,
  futures,
  options,
  nikkeiOptions,
  majorShareholders,
  crossShareholdings,
  largeVolumeShareholders,
  disclosures,
  disclosureFiles,
  disclosureIndex,
  bulkList,
  bulkGet,
];

/** Every endpoint by its path, `/equities/bars/daily`. */
export const endpoints: ReadonlyMap<string, Endpoint> = new Map(
  endpointEntries.map((entry) => [entry.path, parseEndpoint(entry)]),
);

/** The endpoint of a path. Throws ConfigError for a path that V2 does not have. */
export function endpointOf(path: string): Endpoint {
  const endpoint = endpoints.get(path);
  if (endpoint !== undefined) return endpoint;
  throw new ConfigError(
    `endpoint: expected one of ${[...endpoints.keys()].join(", ")}; found ${path}`,
  );
}
