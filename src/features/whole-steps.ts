// Columns of all stocks at once: cross-sections and group aggregates by session, market and group series, as-of records.

import type {
  CrossSectionFeature,
  EventFeature,
  GroupFeature,
  Grouping,
  MarketFeature,
} from "./feature.ts";
import type { ColumnStore } from "./column-store.ts";
import { groupKeys, noGroup } from "./groupings.ts";
import { recordsOf, requireEntry, type MarketData } from "./market-data.ts";
import { joinRecords } from "./join-records.ts";
import { shiftLater } from "./stock-evaluator.ts";
import type { Registry } from "./registry.ts";

export interface WholeContext {
  readonly registry: Registry;
  readonly data: MarketData;
  readonly columns: ColumnStore;
}

type ReadDay = (day: number, into: Float64Array) => void;

/** Fills a cross-section's column for the sessions from `from` to before `to`. */
export function runCrossSection(
  { registry, data, columns }: WholeContext,
  feature: CrossSectionFeature,
  from: number,
  to: number,
): void {
  const out = columns.rows(feature.name);
  const { dayStart } = data.rows;
  const widest = widestDay(dayStart);
  const readers = feature.inputs.map((input) => dayReader({ registry, data, columns }, input));
  const whole = feature.inputs.map(() => new Float64Array(widest));
  const member = feature.inputs.map(() => new Float64Array(widest));
  const result = new Float64Array(widest);
  const split = memberSplitter(data, feature.within);
  if (feature.within !== undefined) {
    out.subarray(dayStart[from], dayStart[to]).fill(Number.NaN);
  }
  for (let day = from; day < to; day += 1) {
    const start = dayStart[day];
    const count = dayStart[day + 1] - start;
    readers.forEach((read, index) => read(day, whole[index]));
    for (const rows of split(day, count)) {
      whole.forEach((values, index) => gather(values, rows, member[index]));
      const part = result.subarray(0, rows.length);
      feature.compute(
        member.map((values) => values.subarray(0, rows.length)),
        part,
      );
      for (let i = 0; i < rows.length; i += 1) out[start + rows[i]] = part[i];
    }
  }
}

/** Fills a group aggregate's series for the sessions from `from` to before `to`. */
export function runGroup(
  { registry, data, columns }: WholeContext,
  feature: GroupFeature,
  from: number,
  to: number,
): void {
  const out = columns.series(feature.name);
  const sessions = data.panel.dates.length;
  const { dayStart } = data.rows;
  const widest = widestDay(dayStart);
  const readers = feature.inputs.map((input) => dayReader({ registry, data, columns }, input));
  const whole = feature.inputs.map(() => new Float64Array(widest));
  const member = feature.inputs.map(() => new Float64Array(widest));
  const split = memberSplitter(data, feature.by === "market" ? undefined : feature.by);
  for (let day = from; day < to; day += 1) {
    readers.forEach((read, index) => read(day, whole[index]));
    split(day, dayStart[day + 1] - dayStart[day]).forEach((rows, group) => {
      if (rows.length === 0) return;
      whole.forEach((values, index) => gather(values, rows, member[index]));
      const inputs = member.map((values) => values.subarray(0, rows.length));
      out[group * sessions + day] = feature.compute(inputs);
    });
  }
}

/** Computes a market or group series over all sessions. */
export function runMarket({ registry, data, columns }: WholeContext, feature: MarketFeature): void {
  const sessions = data.panel.dates.length;
  const out = columns.series(feature.name);
  const groups = feature.by === "market" ? 1 : groupKeys(feature.by).length;
  for (let g = 0; g < groups; g += 1) {
    const inputs = feature.inputs.map((input) => {
      const offset = registry.inputDomain(input) === "market" ? 0 : g * sessions;
      return columns.series(input).subarray(offset, offset + sessions);
    });
    const part = out.subarray(g * sessions, (g + 1) * sessions);
    feature.compute(inputs, part);
    if (feature.lag > 0) shiftLater(part, feature.lag);
  }
}

/** Joins the records of each group (or of the market) to all sessions. */
export function runEvent({ registry, data, columns }: WholeContext, feature: EventFeature): void {
  const table = requireEntry(data.events, feature.events, "event source");
  const sessions = Int32Array.from(data.panel.dates, (_, index) => index);
  const out = columns.series(feature.name);
  for (let key = 0; key + 1 < table.keyStart.length; key += 1) {
    const records = recordsOf(table, key);
    const start = table.keyStart[key];
    const values = (name: string): Float64Array => {
      const field = table.fields.get(name);
      if (field !== undefined) return field.subarray(start, start + records.count);
      const other = registry.get(name);
      const computed = new Float64Array(records.count);
      if (other.kind === "event") other.compute(other.inputs.map(values), computed, records);
      return computed;
    };
    const computed = new Float64Array(records.count);
    feature.compute(feature.inputs.map(values), computed, records);
    const part = out.subarray(key * sessions.length, (key + 1) * sessions.length);
    joinRecords(feature, records.session, computed, sessions, part);
    if (feature.lag > 0) shiftLater(part, feature.lag);
  }
}

/** Reads a column's values of one session's rows, whatever its domain. */
function dayReader({ registry, data, columns }: WholeContext, name: string): ReadDay {
  const { dayStart, codeOfRow } = data.rows;
  const sessions = data.panel.dates.length;
  const domain = registry.inputDomain(name);
  if (domain === "stock" && registry.has(name)) {
    const column = columns.rows(name);
    return (day, into) => into.set(column.subarray(dayStart[day], dayStart[day + 1]));
  }
  if (domain === "stock") {
    const column = data.panel.column(name);
    return (day, into) => {
      for (let row = dayStart[day], i = 0; row < dayStart[day + 1]; row += 1, i += 1) {
        into[i] = column[codeOfRow[row] * sessions + day];
      }
    };
  }
  const series = columns.series(name);
  if (domain === "market") {
    return (day, into) => into.fill(series[day], 0, dayStart[day + 1] - dayStart[day]);
  }
  const groups = requireEntry(data.groups, domain, "grouping");
  return (day, into) => {
    for (let row = dayStart[day], i = 0; row < dayStart[day + 1]; row += 1, i += 1) {
      const group = groups[codeOfRow[row] * sessions + day];
      into[i] = group === noGroup ? Number.NaN : series[group * sessions + day];
    }
  };
}

/** For a session: the positions of all its rows, or those of each group's members. */
export function memberSplitter(
  data: MarketData,
  grouping: Grouping | undefined,
): (day: number, count: number) => readonly Int32Array[] {
  const widest = widestDay(data.rows.dayStart);
  if (grouping === undefined) {
    const all = Int32Array.from({ length: widest }, (_, index) => index);
    return (_day, count) => [all.subarray(0, count)];
  }
  const { dayStart, codeOfRow } = data.rows;
  const sessions = data.panel.dates.length;
  const groups = requireEntry(data.groups, grouping, "grouping");
  const members = groupKeys(grouping).map(() => new Int32Array(widest));
  return (day, count) => {
    const sizes = new Int32Array(members.length);
    for (let i = 0; i < count; i += 1) {
      const g = groups[codeOfRow[dayStart[day] + i] * sessions + day];
      if (g === noGroup) continue;
      members[g][sizes[g]] = i;
      sizes[g] += 1;
    }
    return members.map((rows, g) => rows.subarray(0, sizes[g]));
  };
}

function gather(values: Float64Array, rows: Int32Array, into: Float64Array): void {
  for (let i = 0; i < rows.length; i += 1) into[i] = values[rows[i]];
}

export function widestDay(dayStart: Int32Array): number {
  let widest = 0;
  for (let d = 0; d + 1 < dayStart.length; d += 1) {
    widest = Math.max(widest, dayStart[d + 1] - dayStart[d]);
  }
  return widest;
}
