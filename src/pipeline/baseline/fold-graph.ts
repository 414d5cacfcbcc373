// The correlation graph as of the last session that a fold trains on.

import type { Dataset } from "../../dataset/index.ts";
import {
  type CorrelationGraph,
  correlationGraph,
  correlationGraphDefaults,
} from "../../graph/index.ts";

export interface FoldGraph {
  readonly fold: number;
  /** Epoch day of the session that the graph is as of. */
  readonly date: number;
  /** Stocks with at least one edge. */
  readonly nodes: number;
  readonly edges: number;
  readonly meanAbsCorrelation: number | null;
  readonly sameSectorShare: number | null;
}

/** Graph of the 60 sessions up to `session`, from closes of the dataset; undefined with less history. */
export function foldGraph(dataset: Dataset, fold: number, session: number): FoldGraph | undefined {
  const { window } = correlationGraphDefaults;
  if (session < window) return undefined;
  const { rows, manifest } = dataset;
  const stocks = rows.codes.length;
  const groups = ["sector33_id", "section_id"].filter((name) => manifest.market.includes(name));
  const market = dataset.market(["close", ...groups]);
  const ids = (name: string): Int32Array => {
    const out = new Int32Array(stocks).fill(-1);
    if (!groups.includes(name)) return out;
    const values = market.column(name);
    for (let row = rows.dayStart[session]; row < rows.dayStart[session + 1]; row += 1) {
      if (values[row] >= 0) out[rows.codeOfRow[row]] = values[row];
    }
    return out;
  };
  const graph = correlationGraph({
    returns: returnsBefore(dataset, market.column("close"), session, window),
    stocks,
    sector: ids("sector33_id"),
    section: ids("section_id"),
  });
  return { fold, date: rows.dates[session], ...summaryOf(graph) };
}

/** (stocks, window) simple returns between consecutive sessions up to `session`, NaN where either close is missing. */
function returnsBefore(
  { rows }: Dataset,
  close: Float32Array,
  session: number,
  window: number,
): Float64Array {
  const stocks = rows.codes.length;
  const closes = new Float64Array(stocks * (window + 1)).fill(Number.NaN);
  const first = session - window;
  for (let row = rows.dayStart[first]; row < rows.dayStart[session + 1]; row += 1) {
    closes[rows.codeOfRow[row] * (window + 1) + rows.sessionOfRow[row] - first] = close[row];
  }
  return Float64Array.from({ length: stocks * window }, (_, cell) => {
    const at = Math.floor(cell / window) * (window + 1) + (cell % window);
    return closes[at + 1] / closes[at] - 1;
  });
}

function summaryOf({
  stocks,
  offsets,
  neighbours,
  attributes,
}: CorrelationGraph): Omit<FoldGraph, "fold" | "date"> {
  const edges = neighbours.length;
  let nodes = 0;
  for (let stock = 0; stock < stocks; stock += 1) {
    if (offsets[stock + 1] > offsets[stock]) nodes += 1;
  }
  let correlation = 0;
  let sameSector = 0;
  for (let edge = 0; edge < edges; edge += 1) {
    correlation += Math.abs(attributes[edge * 3]);
    sameSector += attributes[edge * 3 + 1];
  }
  return {
    nodes,
    edges,
    meanAbsCorrelation: edges === 0 ? null : correlation / edges,
    sameSectorShare: edges === 0 ? null : sameSector / edges,
  };
}
