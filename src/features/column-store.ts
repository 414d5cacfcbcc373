// Columns computed so far: stock columns as float32 a row, market and group columns as float64 a session.

import { sharedColumn } from "../panel/panel.ts";
import type { Domain } from "./feature.ts";
import { groupKeys } from "./groupings.ts";
import { requireEntry, type MarketData } from "./market-data.ts";

export class ColumnStore {
  readonly #rowCount: number;
  readonly #sessions: number;
  readonly #rows: Map<string, Float32Array<SharedArrayBuffer>> = new Map();
  readonly #series: Map<string, Float64Array<SharedArrayBuffer>>;
  readonly #spare: Float32Array<SharedArrayBuffer>[] = [];

  constructor(data: MarketData) {
    this.#rowCount = data.rows.count;
    this.#sessions = data.panel.dates.length;
    this.#series = new Map([...data.series, ...data.sectorSeries]);
  }

  /** A stock column, one value a row. Throws SchemaError when it is not there. */
  rows(name: string): Float32Array<SharedArrayBuffer> {
    return requireEntry(this.#rows, name, "stock column");
  }

  /** A market or group series. Throws SchemaError when it is not there. */
  series(name: string): Float64Array<SharedArrayBuffer> {
    return requireEntry(this.#series, name, "series");
  }

  hasRows(name: string): boolean {
    return this.#rows.has(name);
  }

  /** Room for a stock column, to be filled by its step; a released column's memory is used again. */
  addRows(name: string): Float32Array<SharedArrayBuffer> {
    const column = this.#spare.pop() ?? new Float32Array(new SharedArrayBuffer(this.#rowCount * 4));
    this.#rows.set(name, column);
    return column;
  }

  /** Takes a column that another thread's store made. */
  attachRows(name: string, column: Float32Array<SharedArrayBuffer>): void {
    this.#rows.set(name, column);
  }

  attachSeries(name: string, series: Float64Array<SharedArrayBuffer>): void {
    this.#series.set(name, series);
  }

  /** Room for a series of a domain, all NaN. */
  addSeries(name: string, domain: Exclude<Domain, "stock">): Float64Array<SharedArrayBuffer> {
    const groups = domain === "market" ? 1 : groupKeys(domain).length;
    const series = sharedColumn("f64", groups * this.#sessions);
    this.#series.set(name, series);
    return series;
  }

  /** Forgets a column; its memory goes to the next one. */
  release(name: string): void {
    const column = this.#rows.get(name);
    if (column !== undefined) this.#spare.push(column);
    this.#rows.delete(name);
  }
}
