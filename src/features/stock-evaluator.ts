// The per-code pass: one code's traded sessions, oldest first, through the kernels of a batch, all in float64.

import type { EventFeature, Feature, Grouping, StockFeature } from "./feature.ts";
import { noGroup } from "./groupings.ts";
import { recordsOf, requireEntry, type MarketData } from "./market-data.ts";
import { perStockClosure } from "./plan.ts";
import type { Registry } from "./registry.ts";
import type { ColumnStore } from "./column-store.ts";

interface Slot {
  readonly values: Float64Array;
  /** Fills the first `count` values for a code; undefined for a per-code feature. */
  readonly load: ((values: Float64Array, code: number, count: number) => void) | undefined;
}

/** Computes `outputs` of one code after the other. Not to be shared between threads. */
export class StockEvaluator {
  readonly outputs: readonly string[];
  /** Positions among all sessions of the code's traded sessions; the first `count` hold. */
  readonly sessions: Int32Array;
  readonly #data: MarketData;
  readonly #features: readonly Feature[];
  readonly #slots: Map<string, Slot> = new Map();
  readonly #rawInputs: readonly string[];
  readonly #columns: ColumnStore;
  readonly #registry: Registry;

  constructor(
    registry: Registry,
    data: MarketData,
    columns: ColumnStore,
    outputs: readonly string[],
  ) {
    this.#registry = registry;
    this.#data = data;
    this.#columns = columns;
    this.outputs = outputs;
    this.#features = perStockClosure(registry, outputs);
    this.sessions = new Int32Array(data.panel.dates.length);
    const own = new Set(this.#features.map(({ name }) => name));
    const inputs = this.#features.flatMap((feature) =>
      feature.kind === "stock" ? feature.inputs : [],
    );
    this.#rawInputs = [...new Set(inputs)].filter((name) => !own.has(name));
    for (const name of own) this.#slots.set(name, { values: this.#scratch(), load: undefined });
    for (const name of this.#rawInputs) {
      this.#slots.set(name, { values: this.#scratch(), load: this.#loader(name) });
    }
  }

  /** Evaluates a code; returns how many sessions it traded in. */
  evaluate(code: number): number {
    const count = this.#findSessions(code);
    if (count === 0) return 0;
    for (const name of this.#rawInputs) {
      const { values, load } = requireEntry(this.#slots, name, "input");
      load?.(values, code, count);
    }
    const records = new Map<string, Float64Array>();
    for (const feature of this.#features) {
      const out = this.values(feature.name).subarray(0, count);
      if (feature.kind === "stock") this.#computeStock(feature, out, count);
      else if (feature.kind === "event") this.#computeEvent(feature, out, code, records);
    }
    return count;
  }

  /** The values of a column for the code evaluated last, in order of `sessions`. */
  values(name: string): Float64Array {
    return requireEntry(this.#slots, name, "column").values;
  }

  #scratch(): Float64Array {
    return new Float64Array(this.#data.panel.dates.length);
  }

  #findSessions(code: number): number {
    const close = this.#data.panel.series("close", code);
    let count = 0;
    for (let d = 0; d < close.length; d += 1) {
      if (close[d] !== close[d]) continue;
      this.sessions[count] = d;
      count += 1;
    }
    return count;
  }

  #computeStock(feature: StockFeature, out: Float64Array, count: number): void {
    const inputs = feature.inputs.map((name) => this.values(name).subarray(0, count));
    feature.compute(inputs, out);
    if (feature.lag > 0) shiftLater(out, feature.lag);
  }

  #computeEvent(
    feature: EventFeature,
    out: Float64Array,
    code: number,
    computed: Map<string, Float64Array>,
  ): void {
    const table = requireEntry(this.#data.events, feature.events, "event source");
    const records = recordsOf(table, code);
    const start = table.keyStart[code];
    const field = (name: string): Float64Array =>
      computed.get(name) ??
      requireEntry(table.fields, name, "event field").subarray(start, start + records.count);
    const values = new Float64Array(records.count);
    feature.compute(feature.inputs.map(field), values, records);
    computed.set(feature.name, values);
    joinRecords(feature, records.session, values, this.sessions.subarray(0, out.length), out);
  }

  #loader(name: string): (values: Float64Array, code: number, count: number) => void {
    const domain = this.#registry.inputDomain(name);
    if (domain === "stock") {
      return this.#registry.has(name) ? this.#loadRows(name) : this.#loadPanel(name);
    }
    return domain === "market" ? this.#loadSeries(name) : this.#loadGroup(name, domain);
  }

  #loadPanel(name: string): (values: Float64Array, code: number, count: number) => void {
    const { panel } = this.#data;
    const { sessions } = this;
    panel.column(name);
    return (values, code, count) => {
      const series = panel.series(name, code);
      for (let i = 0; i < count; i += 1) values[i] = series[sessions[i]];
    };
  }

  #loadRows(name: string): (values: Float64Array, code: number, count: number) => void {
    const column = this.#columns.rows(name);
    const { rowOfCell } = this.#data.rows;
    const length = this.#data.panel.dates.length;
    const { sessions } = this;
    return (values, code, count) => {
      for (let i = 0; i < count; i += 1) {
        const row = rowOfCell[code * length + sessions[i]];
        values[i] = row < 0 ? Number.NaN : column[row];
      }
    };
  }

  #loadSeries(name: string): (values: Float64Array, code: number, count: number) => void {
    const series = this.#columns.series(name);
    const { sessions } = this;
    return (values, _code, count) => {
      for (let i = 0; i < count; i += 1) values[i] = series[sessions[i]];
    };
  }

  #loadGroup(
    name: string,
    grouping: Grouping,
  ): (values: Float64Array, code: number, count: number) => void {
    const series = this.#columns.series(name);
    const groups = requireEntry(this.#data.groups, grouping, "grouping");
    const length = this.#data.panel.dates.length;
    const { sessions } = this;
    return (values, code, count) => {
      for (let i = 0; i < count; i += 1) {
        const session = sessions[i];
        const group = groups[code * length + session];
        values[i] = group === noGroup ? Number.NaN : series[group * length + session];
      }
    };
  }
}

/** Joins records to sessions as of each session, by the feature's join and maximum age. */
export function joinRecords(
  { join, maxAge }: Pick<EventFeature, "join" | "maxAge">,
  recordSessions: Int32Array,
  values: Float64Array,
  sessions: Int32Array,
  out: Float64Array,
): void {
  let next = 0;
  for (let i = 0; i < sessions.length; i += 1) {
    const before = next;
    while (next < recordSessions.length && recordSessions[next] <= sessions[i]) next += 1;
    const age = next === 0 ? Infinity : sessions[i] - recordSessions[next - 1];
    if (join === "impulse") out[i] = next > before ? 1 : 0;
    else if (age > maxAge) out[i] = Number.NaN;
    else out[i] = join === "since" ? age : values[next - 1];
  }
}

/** Moves values `lag` places later, NaN before the first. */
export function shiftLater(values: Float64Array, lag: number): void {
  values.copyWithin(lag, 0, Math.max(0, values.length - lag));
  values.fill(Number.NaN, 0, Math.min(lag, values.length));
}
