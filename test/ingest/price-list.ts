// What the published rules let one request bring, and the fewest requests that cover a set of days: a bound that knows nothing of the planner.

import { isoDate } from "../../src/calendar/index.ts";

/** The requests that an endpoint offers for days of its history. */
export interface Offer {
  /** One request a day. */
  readonly byDate: boolean;
  /** One file a month that is over (from the fourth day of the next month on), one a day of the month of `today`. */
  readonly files: boolean;
  /** Requests for any span of days: 1 where from and to stand alone, the number of codes where each must be asked for. */
  readonly span: number | undefined;
}

/** J-Quants V2 as published, November 2026: endpoints of Standard with a history. */
export const offers: ReadonlyMap<string, Offer> = new Map(
  Object.entries({
    "/equities/master": { byDate: true, files: true, span: undefined },
    "/equities/bars/daily": { byDate: true, files: true, span: undefined },
    "/equities/valuation": { byDate: true, files: true, span: undefined },
    "/equities/investor-types": { byDate: false, files: true, span: 1 },
    "/fins/summary": { byDate: true, files: true, span: undefined },
    "/fins/earnings-date": { byDate: true, files: true, span: undefined },
    "/indices/bars/daily": { byDate: true, files: true, span: undefined },
    "/indices/bars/daily/topix": { byDate: false, files: true, span: 1 },
    "/markets/calendar": { byDate: false, files: false, span: 1 },
    "/markets/margin-interest": { byDate: true, files: true, span: undefined },
    "/markets/margin-alert": { byDate: true, files: true, span: undefined },
    "/markets/short-ratio": { byDate: true, files: true, span: 34 },
    "/markets/short-sale-report": { byDate: true, files: true, span: undefined },
    "/derivatives/bars/daily/options/225": { byDate: true, files: true, span: undefined },
    "/edinet/major-shareholders": { byDate: true, files: false, span: undefined },
    "/edinet/cross-shareholdings": { byDate: true, files: false, span: undefined },
    "/edinet/large-volume-shareholders": { byDate: true, files: false, span: undefined },
  }),
);

/**
 * The fewest requests that cover all of `days` (ascending): shortest path over the days, where each step is one thing on offer.
 * Listing files and pages beyond the first are left out, so that no real run can be below it.
 */
export function fewestRequests(offer: Offer, days: readonly number[], today: number): number {
  const months = days.map((day) => isoDate(day).slice(0, 7));
  const current = isoDate(today).slice(0, 7);
  const least = [0];
  // A span may begin at any day, so it begins where the days before it cost least.
  let cheapestStart = 0;
  days.forEach((_, at) => {
    cheapestStart = Math.min(cheapestStart, least[at]);
    const ways = [cheapestStart + (offer.span ?? Number.POSITIVE_INFINITY)];
    if (offer.byDate || offer.files) ways.push(least[at] + 1);
    for (let first = at; offer.files && first >= 0 && months[first] === months[at]; first -= 1) {
      if (months[at] < current) ways.push(least[first] + 1);
    }
    least.push(Math.min(...ways));
  });
  return least[days.length];
}
