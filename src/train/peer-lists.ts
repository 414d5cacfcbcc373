// Correlation peers of every session of a dataset: the latest graph known on the day, as neighbour lists of fixed length.

import { isoMonth } from "../calendar/index.ts";
import type { AtftConfig } from "../config/atft.ts";
import type { Dataset } from "../dataset/index.ts";
import { type CorrelationGraph, graphShard, type GraphSource } from "../graph/index.ts";
import { edgeAttributeCount } from "../model/atft/index.ts";
import { Panel } from "../panel/index.ts";
import type { PeerLists, PeersOn } from "./feed.ts";

/** Sessions from one graph to the next. */
const refreshSessions = 5;

export interface PeerOptions {
  readonly home: string;
  readonly datasetHash: string;
  /** Told after each month. */
  readonly onMonth?: (done: number, total: number) => void;
}

/** Graphs of all sessions from `dataset`'s closes and groups, cached on disk; before the first full window nobody has peers. */
export async function datasetPeers(
  dataset: Dataset,
  { graph }: AtftConfig,
  { home, datasetHash, onMonth }: PeerOptions,
): Promise<PeersOn> {
  const { neighbours: topK, window, halfLife, threshold, returns } = graph;
  const source = graphSource(dataset, datasetHash, returns);
  const minOverlap = Math.ceil((2 / 3) * window);
  const options = { topK, window, halfLife, threshold, minOverlap, every: refreshSessions };
  const { dates } = dataset.rows;
  const months = [...new Set(Array.from(dates, isoMonth))];
  const known: { readonly date: number; readonly graph: CorrelationGraph }[] = [];
  for (const [i, month] of months.entries()) {
    known.push(...(await graphShard(home, source, month, options)));
    onMonth?.(i + 1, months.length);
  }
  const ofSession = new Int32Array(dates.length).fill(-1);
  let at = -1;
  dates.forEach((date, session) => {
    while (at + 1 < known.length && known[at + 1].date <= date) at += 1;
    ofSession[session] = at;
  });
  const lists = new Map<number, PeerLists>();
  const none = emptyLists(dataset.rows.codes.length, graph.neighbours);
  return (session) => {
    const index = ofSession[session];
    if (index < 0) return none;
    const found = lists.get(index) ?? listsOf(known[index].graph, graph.neighbours);
    lists.set(index, found);
    return found;
  };
}

function graphSource(
  dataset: Dataset,
  dataHash: string,
  kind: AtftConfig["graph"]["returns"],
): GraphSource {
  const { dates, codes, sessionOfRow, codeOfRow, count } = dataset.rows;
  const groups = ["sector33_id", "section_id"].filter((name) =>
    dataset.manifest.market.includes(name),
  );
  const market = dataset.market(["close", ...groups]);
  const panel = new Panel(dates, codes);
  const place = (row: number): number => codeOfRow[row] * dates.length + sessionOfRow[row];
  for (const name of groups) {
    const column = panel.addColumn(name, "f32");
    const values = market.column(name);
    for (let row = 0; row < count; row += 1) column[place(row)] = values[row];
  }
  const close = new Float32Array(dates.length * codes.length).fill(Number.NaN);
  const values = market.column("close");
  for (let row = 0; row < count; row += 1) close[place(row)] = values[row];
  const column = kind === "excess" ? "excess_return" : "return";
  const returns = panel.addColumn(column, "f64");
  for (let cell = 1; cell < close.length; cell += 1) {
    if (cell % dates.length !== 0) returns[cell] = close[cell] / close[cell - 1] - 1;
  }
  if (kind === "excess") subtractDayMeans(returns, dates.length);
  return {
    panel,
    returns: column,
    dataHash,
    ...(groups.includes("sector33_id") && { sector: "sector33_id" }),
    ...(groups.includes("section_id") && { section: "section_id" }),
  };
}

/** From each (code, session) the mean of its session over the codes that have a value. */
function subtractDayMeans(values: Float64Array, sessions: number): void {
  for (let session = 0; session < sessions; session += 1) {
    let sum = 0;
    let count = 0;
    for (let cell = session; cell < values.length; cell += sessions) {
      if (!Number.isFinite(values[cell])) continue;
      sum += values[cell];
      count += 1;
    }
    for (let cell = session; cell < values.length; cell += sessions) values[cell] -= sum / count;
  }
}

function emptyLists(codes: number, count: number): PeerLists {
  return {
    neighbours: new Int32Array(codes * count).fill(-1),
    attributes: new Float32Array(codes * count * edgeAttributeCount),
  };
}

function listsOf(graph: CorrelationGraph, count: number): PeerLists {
  const lists = emptyLists(graph.stocks, count);
  for (let stock = 0; stock < graph.stocks; stock += 1) {
    const first = graph.offsets[stock];
    const own = Math.min(count, graph.offsets[stock + 1] - first);
    for (let i = 0; i < own; i += 1) {
      const edge = first + i;
      lists.neighbours[stock * count + i] = graph.neighbours[edge];
      for (let j = 0; j < edgeAttributeCount; j += 1) {
        lists.attributes[(stock * count + i) * edgeAttributeCount + j] =
          graph.attributes[edge * edgeAttributeCount + j];
      }
    }
  }
  return lists;
}
