// Generates a market from its config and puts together what the row builders read.

import { createRng, type Rng } from "../../rng.ts";
import { anchorFilings, Anchors, Scales } from "./anchors.ts";
import { cachePath, type Columns, loadColumns, saveColumns } from "./cache.ts";
import { CapitalHistory } from "./capital-history.ts";
import { CompanyViews } from "./company-views.ts";
import type { MarketContext } from "./context.ts";
import { createDividendDrops, type DividendDrops } from "./dividend-drops.ts";
import { createDividends } from "./dividends.ts";
import { createSchedule } from "./earnings-dates.ts";
import { bookOf, createFilings, type DraftBook } from "./filings.ts";
import { Flows } from "./flows.ts";
import { generatePrices } from "./generate.ts";
import { createIndices } from "./indices.ts";
import { clusterCountOf, createIssues, type Issue } from "./issues.ts";
import { MarginBook } from "./margin-book.ts";
import { createOracle, type Oracle } from "./oracle.ts";
import { createPositionReports } from "./positions.ts";
import { Sessions } from "./sessions.ts";
import { PlantedSignals } from "./signals.ts";
import { Turnovers } from "./turnovers.ts";
import type { MarketConfig, MarketOptions } from "./types.ts";

export interface Generated {
  readonly context: MarketContext;
  readonly oracle: Oracle;
}

/** Each part draws from a stream of its own, so that one part's draws never move another's. */
export async function buildContext(
  config: MarketConfig,
  { cacheDir, onProgress = (): void => {} }: MarketOptions,
): Promise<Generated> {
  const rng = createRng(`market/${config.seed}`);
  const sessions = new Sessions(config.from, config.to);
  const issues = createIssues(rng.split("issues"), config.stocks, sessions);
  const drafts = createFilings(rng.split("filings"), issues, sessions);
  const hasDrops = config.dividendDrop === true;
  const drops = hasDrops ? createDividendDrops(drafts.byCompany, sessions) : undefined;
  const generate = (): Columns =>
    generateColumns(config, { rng, sessions, issues, filings: drafts, drops }, onProgress);
  const { anchors, expected, prices, weeks } =
    cacheDir === undefined ? generate() : await cachedColumns(cacheDir, config, generate);
  const scales = new Scales();
  for (const anchor of anchors) scales.add(anchor);
  const filings = bookOf(anchorFilings(drafts.filings, issues, scales), issues);
  const capital = new CapitalHistory(issues, prices.events);
  const indexOfCode = new Map(issues.map((issue) => [issue.code, issue.index]));
  const context: MarketContext = {
    config,
    rng,
    sessions,
    issues,
    prices,
    capital,
    filings,
    weeks,
    indices: createIndices({ rng: rng.split("indices"), issues, sessions, prices, capital }),
    turnovers: new Turnovers(issues, prices, sessions),
    margin: new MarginBook({ rng: rng.split("margin"), issues, prices, capital }),
    companies: new CompanyViews(filings.byCompany),
    positionReports: once(() =>
      createPositionReports({ rng: rng.split("positions"), issues, sessions }),
    ),
    schedule: once(() => createSchedule({ filings, sessions })),
    dividendNotices: once(() => createDividends({ filings })),
    issueOf: (code) => indexOfCode.get(code) ?? -1,
  };
  const oracle = createOracle({ issues, sessions, expected, drops, prices, capital, scales });
  return { context, oracle };
}

interface Ground {
  readonly rng: Rng;
  readonly sessions: Sessions;
  readonly issues: readonly Issue[];
  readonly filings: DraftBook;
  readonly drops: DividendDrops | undefined;
}

function generateColumns(
  config: MarketConfig,
  { drops, filings, issues, rng, sessions }: Ground,
  onProgress: (share: number) => void,
): Columns {
  const clusterCount = clusterCountOf(config.stocks);
  const flows = new Flows(rng.split("flows"), sessions);
  const strength = config.strength ?? 1;
  const signals = { issues, sessions, flows, filings: filings.filings, strength, clusterCount };
  const anchors = new Anchors(filings.filings, issues, sessions);
  const planted = config.signal === "planted" ? new PlantedSignals(signals) : undefined;
  const prices = generatePrices({
    rng: rng.split("prices"),
    issues,
    sessions,
    clusterCount,
    jumps: filings.jumps,
    drops,
    anchors,
    flows,
    expectations: planted,
    onProgress,
  });
  return {
    prices,
    weeks: flows.weeks,
    anchors: anchors.list,
    expected: planted?.expected,
  };
}

async function cachedColumns(
  folder: string,
  config: MarketConfig,
  generate: () => Columns,
): Promise<Columns> {
  const path = await cachePath(folder, config);
  const kept = await loadColumns(path);
  if (kept !== undefined) return kept;
  const made = generate();
  await saveColumns(folder, path, made);
  return made;
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
