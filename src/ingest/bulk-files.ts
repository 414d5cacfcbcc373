// Bulk files by their keys: which days a file holds, and which files the service usually has.

import { civilOfDay, dayOfCivil, epochDay, isoDate, jstDay } from "../calendar/index.ts";
import type { Endpoint } from "../jquants/index.ts";

export interface BulkFile {
  readonly key: string;
  /** Epoch days that the file may hold, both included. */
  readonly from: number;
  readonly to: number;
  readonly size: number | undefined;
  readonly lastModified: string | undefined;
}

/** Until this day of a month the files of the month before may still be daily ones. */
const foldingDays = 5;

/** Reads an entry of /bulk/list; undefined for a key without a date, such as the calendar's single file. */
export function bulkFileOf(
  key: string,
  size?: number,
  lastModified?: string,
): BulkFile | undefined {
  const stamp = /_(\d{4})(\d{2})(\d{2})?\.csv\.gz$/u.exec(key);
  if (stamp === null) return undefined;
  const [, year, month, day] = stamp;
  if (day !== undefined) {
    const only = epochDay(`${year}-${month}-${day}`);
    return { key, from: only, to: only, size, lastModified };
  }
  const { first, last } = monthDays(epochDay(`${year}-${month}-01`));
  return { key, from: first, to: last, size, lastModified };
}

/** The files that the service has by its published pattern: a file a past month, a file a day of the current one. */
export function usualFiles(endpoint: Endpoint, days: readonly number[], nowMs: number): BulkFile[] {
  const today = jstDay(nowMs);
  const { dayOfMonth } = civilOfDay(today);
  const current = monthDays(today).first;
  const isFolding = dayOfMonth <= foldingDays;
  const firstLive = isFolding ? monthDays(current - 1).first : current;
  const files = new Map<string, BulkFile>();
  for (const day of days) {
    const month = isoDate(day).slice(0, 7).replace("-", "");
    const key =
      day < firstLive
        ? `${endpoint.path.slice(1)}/historical/${month.slice(0, 4)}/${fileStem(endpoint)}_${month}.csv.gz`
        : `${endpoint.path.slice(1)}/live/${fileStem(endpoint)}_${isoDate(day).replaceAll("-", "")}.csv.gz`;
    const file = bulkFileOf(key);
    if (file !== undefined && day < today) files.set(key, file);
  }
  return [...files.values()];
}

/** First and last epoch day of the month that holds `day`. */
export function monthDays(day: number): { first: number; last: number } {
  const { year, month } = civilOfDay(day);
  const next = month === 12 ? dayOfCivil(year + 1, 1, 1) : dayOfCivil(year, month + 1, 1);
  return { first: dayOfCivil(year, month, 1), last: next - 1 };
}

function fileStem({ path }: Endpoint): string {
  return path.slice(1).replaceAll("/", "_");
}
