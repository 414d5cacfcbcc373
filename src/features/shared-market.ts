// Market data as a plain object of shared arrays, to hand to worker threads, and back into market data there.

import { type ColumnArray, Panel } from "../panel/panel.ts";
import type { EventTable, MarketData, Rows } from "./market-data.ts";
import type { Grouping } from "./feature.ts";

type Shared = Float64Array<SharedArrayBuffer>;

/** Structured clones of this share their memory. */
export interface SharedMarket {
  /** The same for every message about the same data, so that a worker rebuilds its panel once. */
  readonly token: number;
  readonly dates: Int32Array;
  readonly codes: readonly string[];
  readonly columns: readonly (readonly [string, ColumnArray])[];
  readonly rows: Rows;
  readonly groups: Entries<Uint8Array<SharedArrayBuffer>, Grouping>;
  readonly series: Entries<Shared>;
  readonly sectorSeries: Entries<Shared>;
  readonly events: Entries<SharedEvents>;
}

/** A map as a list, which may be handed to a worker. */
export type Entries<V, K = string> = readonly (readonly [K, V])[];

interface SharedEvents extends Omit<EventTable, "fields"> {
  readonly fields: Entries<Shared>;
}

let tokens = 0;

export function shareMarket(data: MarketData): SharedMarket {
  const { panel, rows, groups, series, sectorSeries, events } = data;
  tokens += 1;
  return {
    token: tokens,
    dates: panel.dates,
    codes: panel.codes,
    columns: panel.columnNames.map((name) => [name, panel.column(name)] as const),
    rows,
    groups: [...groups],
    series: [...series],
    sectorSeries: [...sectorSeries],
    events: [...events].map(([name, table]) => [name, { ...table, fields: [...table.fields] }]),
  };
}

let last: { readonly token: number; readonly data: MarketData } | undefined;

/** Market data over the shared arrays; the last one is kept. */
export function receiveMarket(shared: SharedMarket): MarketData {
  if (last?.token === shared.token) return last.data;
  const panel = new Panel(shared.dates, shared.codes);
  for (const [name, column] of shared.columns) panel.setColumn(name, column);
  const data = {
    panel,
    rows: shared.rows,
    groups: new Map(shared.groups),
    series: new Map(shared.series),
    sectorSeries: new Map(shared.sectorSeries),
    events: new Map(
      shared.events.map(([name, table]) => [name, { ...table, fields: new Map(table.fields) }]),
    ),
  };
  last = { token: shared.token, data };
  return data;
}
