// Columns of all stocks at once: cross-sections and group aggregates by session, market and group series, as-of records.

import type {
  CrossSectionFeature,
  EventFeature,
  GroupFeature,
  Grouping,
  MarketFeature,
} from "./feature.ts";
import type { EngineContext } from "./engine-context.ts";
import { groupKeys, noGroup } from "./groupings.ts";
import { recordsOf, requireEntry, type MarketData } from "./market-data.ts";
import { joinRecords } from "./join-records.ts";
import { shiftLater } from "./stock-evaluator.ts";

/** Reads a session's values at the given positions among its rows. */
type ReadMembers = (day: number, positions: Int32Array, into: Float64Array) => void;

/** Fills the columns of cross-sections within the same groups for the sessions from `from` to before `to`. */
export function runCrossSections(
  context: EngineContext,
  features: readonly CrossSectionFeature[],
  from: number,
  to: number,
): void {
  const { data, columns } = context;
  const { dayStart } = data.rows;
  const [{ within }] = features;
  const jobs = features.map((feature) => ({
    feature,
    out: columns.rows(feature.name),
    inputs: memberInputs(context, feature.inputs),
  }));
  const result = new Float64Array(widestDay(dayStart));
  const split = memberSplitter(data, within);
  if (within !== undefined) {
    for (const { out } of jobs) out.subarray(dayStart[from], dayStart[to]).fill(Number.NaN);
  }
  for (let day = from; day < to; day += 1) {
    const start = dayStart[day];
    for (const positions of split(day, dayStart[day + 1] - start)) {
      if (positions.length === 0) continue;
      const part = result.subarray(0, positions.length);
      for (const { feature, out, inputs } of jobs) {
        feature.compute(inputs(day, positions), part);
        for (let i = 0; i < positions.length; i += 1) out[start + positions[i]] = part[i];
      }
    }
  }
}

/** Fills a group aggregate's series for the sessions from `from` to before `to`. */
export function runGroup(
  context: EngineContext,
  feature: GroupFeature,
  from: number,
  to: number,
): void {
  const { data, columns } = context;
  const out = columns.series(feature.name);
  const sessions = data.panel.dates.length;
  const { dayStart } = data.rows;
  const inputs = memberInputs(context, feature.inputs);
  const split = memberSplitter(data, feature.by === "market" ? undefined : feature.by);
  for (let day = from; day < to; day += 1) {
    split(day, dayStart[day + 1] - dayStart[day]).forEach((positions, group) => {
      if (positions.length === 0) return;
      out[group * sessions + day] = feature.compute(inputs(day, positions));
    });
  }
}

/** Computes a market or group series over all sessions. */
export function runMarket(
  { registry, data, columns }: EngineContext,
  feature: MarketFeature,
): void {
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
export function runEvent({ registry, data, columns }: EngineContext, feature: EventFeature): void {
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

/** Hands out the members' values of some columns; they hold until the next call. */
function memberInputs(
  context: EngineContext,
  names: readonly string[],
): (day: number, positions: Int32Array) => readonly Float64Array[] {
  const widest = widestDay(context.data.rows.dayStart);
  const readers = names.map((name) => memberReader(context, name));
  const room = names.map(() => new Float64Array(widest));
  return (day, positions) => {
    for (let k = 0; k < readers.length; k += 1) readers[k](day, positions, room[k]);
    return room.map((values) => values.subarray(0, positions.length));
  };
}

/** Reads a column's values of one session's members, whatever its domain. */
function memberReader({ registry, data, columns }: EngineContext, name: string): ReadMembers {
  const { dayStart, codeOfRow } = data.rows;
  const sessions = data.panel.dates.length;
  const domain = registry.inputDomain(name);
  if (domain === "stock" && registry.has(name)) {
    const column = columns.rows(name);
    return (day, positions, into) => {
      const start = dayStart[day];
      for (let i = 0; i < positions.length; i += 1) into[i] = column[start + positions[i]];
    };
  }
  if (domain === "stock") {
    const column = data.panel.column(name);
    return (day, positions, into) => {
      const start = dayStart[day];
      for (let i = 0; i < positions.length; i += 1) {
        into[i] = column[codeOfRow[start + positions[i]] * sessions + day];
      }
    };
  }
  const series = columns.series(name);
  if (domain === "market") {
    return (day, positions, into) => into.fill(series[day], 0, positions.length);
  }
  const groups = requireEntry(data.groups, domain, "grouping");
  return (day, positions, into) => {
    const start = dayStart[day];
    for (let i = 0; i < positions.length; i += 1) {
      const group = groups[codeOfRow[start + positions[i]] * sessions + day];
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

export function widestDay(dayStart: Int32Array): number {
  let widest = 0;
  for (let d = 0; d + 1 < dayStart.length; d += 1) {
    widest = Math.max(widest, dayStart[d + 1] - dayStart[d]);
  }
  return widest;
}
