// The per-code pass: one code's traded sessions, oldest first, through the kernels of a batch, all in float64.

import type { EventFeature, EventRecords, Feature, Grouping, StockFeature } from "./feature.ts";
import { noGroup } from "./groupings.ts";
import { joinKnown, lastKnown } from "./join-records.ts";
import { recordsOf, requireEntry, type MarketData } from "./market-data.ts";
import { perStockClosure } from "./plan.ts";
import type { Registry } from "./registry.ts";
import type { ColumnStore } from "./column-store.ts";
import type { EngineContext } from "./engine-context.ts";
import { cutAt } from "../stats/index.ts";
import { firstNeeded, settling, type Need } from "./tail.ts";
import { tradedSessions } from "./traded-sessions.ts";

/** Fills the values of a code from position `from` to before `count`. */
type Load = (values: Float64Array, code: number, from: number, count: number) => void;

interface StockJob {
  readonly feature: StockFeature;
  readonly inputs: readonly number[];
  readonly out: number;
}

interface EventJob {
  readonly feature: EventFeature;
  readonly out: number;
}

/** The records of one source for the code at hand. */
interface CodeRecords {
  readonly records: EventRecords;
  readonly start: number;
  /** For each session the last record known by then, -1 before the first. */
  readonly known: Int32Array;
  /** Values by feature, and inputs by the list that names them, so that kernels of one state can share it. */
  readonly computed: Map<string, Float64Array>;
  readonly fields: Map<readonly string[], readonly Float64Array[]>;
}

/** Computes `outputs` of one code after the other. Not to be shared between threads. */
export class StockEvaluator {
  readonly outputs: readonly string[];
  /** Positions among all sessions of the code's traded sessions; the first `count` hold. */
  readonly sessions: Int32Array;
  readonly #data: MarketData;
  readonly #jobs: readonly (StockJob | EventJob)[];
  readonly #events: readonly EventJob[];
  readonly #places: Map<string, number> = new Map();
  readonly #slots: Float64Array[] = [];
  readonly #loads: readonly (readonly [number, Load])[];
  readonly #columns: ColumnStore;
  readonly #registry: Registry;
  readonly #known: Map<string, Int32Array> = new Map();
  /** For each slot who reads it from where; undefined when all is computed. */
  readonly #needs: readonly (readonly Need[])[] | undefined;
  /** Positions from which the slots of the code at hand are needed. */
  readonly #first: Int32Array;
  #views: readonly Float64Array[] = [];
  #count: number = -1;

  /** With a `tail`, values before what it needs are left undefined. */
  constructor({ registry, data, columns, tail }: EngineContext, outputs: readonly string[]) {
    this.#registry = registry;
    this.#data = data;
    this.#columns = columns;
    this.outputs = outputs;
    this.sessions = new Int32Array(data.panel.dates.length);
    const features = perStockClosure(registry, outputs);
    for (const { name } of features) this.#addSlot(name);
    const inputs = features.flatMap((feature) => (feature.kind === "stock" ? feature.inputs : []));
    const raw = [...new Set(inputs)].filter((name) => !this.#places.has(name));
    this.#loads = raw.map((name) => [this.#addSlot(name), this.#loader(name)] as const);
    this.#jobs = features.flatMap((feature) => this.#jobOf(feature));
    this.#events = this.#jobs.flatMap((job) => ("inputs" in job ? [] : [job]));
    this.#first = new Int32Array(this.#slots.length);
    const names = [...this.#places.keys()];
    this.#needs = tail && names.map((name) => tail.needs.get(name) ?? []);
  }

  /** Evaluates a code; returns how many sessions it traded in. */
  evaluate(code: number): number {
    const own = tradedSessions(this.#data.panel, code, this.sessions);
    const count = own.length;
    if (count === 0) return 0;
    if (count !== this.#count) {
      this.#views = this.#slots.map((values) => values.subarray(0, count));
      this.#count = count;
    }
    this.#needs?.forEach((needs, place) => {
      this.#first[place] = firstNeeded(needs, own);
    });
    for (const [place, load] of this.#loads) {
      load(this.#slots[place], code, this.#first[place], count);
    }
    const sources = new Map<string, CodeRecords>();
    const firstJoined = Math.min(count, ...this.#events.map(({ out }) => this.#first[out]));
    for (const job of this.#jobs) {
      if ("inputs" in job) this.#computeStock(job);
      else if (firstJoined < count) this.#computeEvent(job, code, sources);
    }
    return count;
  }

  /** The values of a column for the code evaluated last, in order of `sessions`. */
  values(name: string): Float64Array {
    return this.#slots[requireEntry(this.#places, name, "column")];
  }

  #addSlot(name: string): number {
    const place = this.#slots.push(new Float64Array(this.#data.panel.dates.length)) - 1;
    this.#places.set(name, place);
    return place;
  }

  #jobOf(feature: Feature): readonly (StockJob | EventJob)[] {
    const place = (name: string): number => requireEntry(this.#places, name, "column");
    if (feature.kind === "stock") {
      return [{ feature, inputs: feature.inputs.map(place), out: place(feature.name) }];
    }
    return feature.kind === "event" ? [{ feature, out: place(feature.name) }] : [];
  }

  #computeStock({ feature, inputs, out }: StockJob): void {
    const needed = this.#first[out];
    if (needed === this.#count) return;
    const start = Math.max(0, needed - settling(feature));
    const views = this.#views;
    const from = (place: number): Float64Array =>
      start === 0 ? views[place] : views[place].subarray(start);
    const values = from(out);
    cutAt(start, () => feature.compute(inputs.map(from), values));
    if (feature.lag > 0) shiftLater(values, feature.lag);
  }

  #computeEvent({ feature, out }: EventJob, code: number, sources: Map<string, CodeRecords>): void {
    const source = this.#recordsOf(feature.events, code, sources);
    const { records, known, computed } = source;
    const values = new Float64Array(records.count);
    feature.compute(this.#fieldsOf(feature, source), values, records);
    computed.set(feature.name, values);
    const start = Math.max(0, this.#first[out] - 1);
    const sessions = this.sessions.subarray(start);
    const joined = this.#views[out].subarray(start);
    joinKnown(feature, records.session, values, known.subarray(start), sessions, joined);
  }

  #recordsOf(events: string, code: number, sources: Map<string, CodeRecords>): CodeRecords {
    const found = sources.get(events);
    if (found !== undefined) return found;
    const table = requireEntry(this.#data.events, events, "event source");
    const records = recordsOf(table, code);
    const known = this.#known.get(events) ?? new Int32Array(this.sessions.length);
    this.#known.set(events, known);
    lastKnown(records.session, this.sessions, this.#count, known);
    const start = table.keyStart[code];
    const source = { records, start, known, computed: new Map(), fields: new Map() };
    sources.set(events, source);
    return source;
  }

  #fieldsOf(feature: EventFeature, source: CodeRecords): readonly Float64Array[] {
    const { records, start, computed, fields } = source;
    const known = fields.get(feature.inputs);
    if (known !== undefined) return known;
    const table = requireEntry(this.#data.events, feature.events, "event source");
    const list = feature.inputs.map(
      (name) =>
        computed.get(name) ??
        requireEntry(table.fields, name, "event field").subarray(start, start + records.count),
    );
    fields.set(feature.inputs, list);
    return list;
  }

  #loader(name: string): Load {
    const domain = this.#registry.inputDomain(name);
    if (domain === "stock") {
      return this.#registry.has(name) ? this.#loadRows(name) : this.#loadPanel(name);
    }
    return domain === "market" ? this.#loadSeries(name) : this.#loadGroup(name, domain);
  }

  #loadPanel(name: string): Load {
    const { panel } = this.#data;
    const { sessions } = this;
    panel.column(name);
    return (values, code, from, count) => {
      const series = panel.series(name, code);
      for (let i = from; i < count; i += 1) values[i] = series[sessions[i]];
    };
  }

  #loadRows(name: string): Load {
    const column = this.#columns.rows(name);
    const { rowOfCell } = this.#data.rows;
    const length = this.#data.panel.dates.length;
    const { sessions } = this;
    return (values, code, from, count) => {
      for (let i = from; i < count; i += 1) {
        const row = rowOfCell[code * length + sessions[i]];
        values[i] = row < 0 ? Number.NaN : column[row];
      }
    };
  }

  #loadSeries(name: string): Load {
    const series = this.#columns.series(name);
    const { sessions } = this;
    return (values, _code, from, count) => {
      for (let i = from; i < count; i += 1) values[i] = series[sessions[i]];
    };
  }

  #loadGroup(name: string, grouping: Grouping): Load {
    const series = this.#columns.series(name);
    const groups = requireEntry(this.#data.groups, grouping, "grouping");
    const length = this.#data.panel.dates.length;
    const { sessions } = this;
    return (values, code, from, count) => {
      for (let i = from; i < count; i += 1) {
        const session = sessions[i];
        const group = groups[code * length + session];
        values[i] = group === noGroup ? Number.NaN : series[group * length + session];
      }
    };
  }
}

/** Moves values `lag` places later, NaN before the first. */
export function shiftLater(values: Float64Array, lag: number): void {
  values.copyWithin(lag, 0, Math.max(0, values.length - lag));
  values.fill(Number.NaN, 0, Math.min(lag, values.length));
}
