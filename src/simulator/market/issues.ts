// Who is listed: codes, names, industries, segments, listing and delisting sessions, and each issue's exposures.

import { epochDay, marketReformDay } from "../../calendar/index.ts";
import { ConfigError } from "../../errors.ts";
import type { Rng } from "../../rng.ts";
import { otherSector, sectors } from "./code-tables.ts";
import { assignCodes } from "./issue-codes.ts";
import type { Sessions } from "./sessions.ts";

export type IssueKind = "stock" | "preferred" | "etf" | "reit" | "foreign" | "pro";

export type AccountingStandard = "JP" | "IFRS" | "US";

export interface Issue {
  readonly index: number;
  /** 5 characters. */
  readonly code: string;
  readonly kind: IssueKind;
  readonly name: string;
  readonly nameEn: string;
  /** Index into `sectors`, -1 for none. */
  readonly sector: number;
  /** Peers share a cluster and its factor; -1 for none. */
  readonly cluster: number;
  /** Segment codes before and from 2022-04-04. */
  readonly marketBefore: string;
  readonly marketAfter: string;
  readonly marginClass: string;
  readonly productCategory: string;
  /** First session; 0 also for issues listed before the span. */
  readonly listed: number;
  /** First session without it; the session count when it stays. */
  readonly delisted: number;
  /** Issue whose price this one takes over at its listing (a code change), -1 for none. */
  readonly predecessor: number;
  /** Issue that files the statements: itself, its predecessor, or the ordinary share of a preferred one. */
  readonly company: number;
  /** Tenths of a yen. */
  readonly initialPrice: number;
  /** Shares in issue at the listing, treasury shares included. */
  readonly shares: number;
  readonly lot: number;
  /** Month in which the fiscal year ends. */
  readonly fiscalMonth: number;
  readonly standard: AccountingStandard;
  readonly consolidated: boolean;
  readonly beta: number;
  readonly styles: readonly [number, number, number];
  /** Daily standard deviation of the issue's own return. */
  readonly ownVolatility: number;
  /** Mean share of the issue traded in a day. */
  readonly turnover: number;
}

/** Peers in a cluster, on average. */
const clusterSize = 8;

export function clusterCountOf(issues: number): number {
  return Math.max(1, Math.round(issues / clusterSize));
}

const kindsOfSpecials = ["preferred", "foreign", "pro", "etf", "reit"] as const;

const sectorThresholds = cumulativeWeights();

/** All issues of the span in ascending order of code. */
export function createIssues(rng: Rng, count: number, sessions: Sessions): readonly Issue[] {
  if (!Number.isInteger(count) || count < 1 || count > 8000) {
    throw new ConfigError(`market: expected stocks from 1 to 8000, found ${count}`);
  }
  const kinds = kindsOf(count);
  const spans = listingSpans(rng.split("listing"), kinds, sessions);
  const alphanumericDay = epochDay("2024-01-01");
  const codes = assignCodes(
    rng.split("codes"),
    kinds.map((kind, index) => ({
      isPreferred: kind === "preferred",
      isAlphanumeric:
        spans[index].listed > 0 && sessions.days[spans[index].listed] >= alphanumericDay,
    })),
  );
  const order = codes.map((_, index) => index).sort((a, b) => (codes[a] < codes[b] ? -1 : 1));
  const position = new Int32Array(count);
  for (let i = 0; i < count; i += 1) position[order[i]] = i;
  const clusters = clusterCountOf(count);
  return order.map((draft, index) =>
    createIssue({
      rng: rng.split(`issue/${draft}`),
      index,
      code: codes[draft],
      kind: kinds[draft],
      span: spans[draft],
      draftOf: (other) => position[other],
      sectorDraft: draft,
      rootRng: rng,
      clusters,
    }),
  );
}

interface Span {
  readonly listed: number;
  readonly delisted: number;
  readonly predecessor: number;
}

interface Draft {
  readonly rng: Rng;
  readonly rootRng: Rng;
  readonly index: number;
  readonly code: string;
  readonly kind: IssueKind;
  readonly span: Span;
  readonly draftOf: (draft: number) => number;
  readonly sectorDraft: number;
  readonly clusters: number;
}

function createIssue(draft: Draft): Issue {
  const { code, index, kind, span } = draft;
  const isSuccessor = span.predecessor >= 0;
  const traits = traitsOf(draft, isSuccessor ? span.predecessor : draft.sectorDraft);
  const predecessor = isSuccessor ? draft.draftOf(span.predecessor) : -1;
  const company = kind === "preferred" ? draft.draftOf(0) : isSuccessor ? predecessor : index;
  return {
    index,
    code,
    kind,
    ...namesOf(kind, traits.sector, code),
    ...traits,
    ...segmentsOf(draft, traits.size),
    listed: span.listed,
    delisted: span.delisted,
    predecessor,
    company,
    lot: kind === "etf" || kind === "reit" ? 1 : 100,
  };
}

type Traits = Pick<
  Issue,
  | "sector"
  | "cluster"
  | "initialPrice"
  | "shares"
  | "fiscalMonth"
  | "standard"
  | "consolidated"
  | "beta"
  | "styles"
  | "ownVolatility"
  | "turnover"
> & { readonly size: number };

/** A successor has its predecessor's traits: they are drawn from the predecessor's stream. */
function traitsOf(draft: Draft, source: number): Traits {
  const rng = draft.rootRng.split(`traits/${source}`);
  const isStock = draft.kind === "stock" || draft.kind === "preferred" || draft.kind === "pro";
  const size = rng.normal();
  const marketCap = Math.exp(Math.log(2.2e10) + 1.5 * size);
  const isFund = draft.kind === "etf" || draft.kind === "reit";
  const typical = draft.kind === "reit" ? 180_000 : isFund ? 2_000 : 1_350;
  const price = typical * Math.exp(clamp(rng.normal(), 2) * 0.55);
  const sectorDraw = rng.uniform();
  const ownVolatility = 0.0138 * Math.exp(0.22 * rng.normal() - 0.1 * clamp(size, 2));
  return {
    size,
    sector: isStock ? sectorFor(source, sectorDraw) : otherSector,
    cluster: isStock ? rng.integer(draft.clusters) : -1,
    initialPrice: Math.round(price) * 10,
    shares: Math.max(1_000, Math.round(marketCap / price / 100)) * 100,
    fiscalMonth: fiscalMonthOf(rng.uniform()),
    standard: standardOf(rng.uniform(), size),
    consolidated: rng.uniform() < 0.84,
    beta: isFund ? 0.8 : clamp(1 + 0.25 * rng.normal(), 0.65, 1),
    styles: [clamp(size, 2.5), clamp(rng.normal(), 2.5), clamp(rng.normal(), 2.5)],
    ownVolatility: isFund ? ownVolatility * 0.4 : ownVolatility,
    turnover: Math.exp(Math.log(0.0035) + 0.75 * rng.normal() + 0.25 * size),
  };
}

/** The first 33 issues cover every industry, so that small markets have them all. */
function sectorFor(source: number, draw: number): number {
  if (source < sectors.length) return (source * 10 + 24) % sectors.length;
  return sectorThresholds.findIndex((threshold) => draw < threshold);
}

function segmentsOf(
  draft: Draft,
  size: number,
): Pick<Issue, "marketBefore" | "marketAfter" | "marginClass" | "productCategory"> {
  const fixed = fixedSegments.get(draft.kind);
  if (fixed !== undefined) {
    const [market, marginClass, productCategory] = fixed;
    return { marketBefore: market, marketAfter: market, marginClass, productCategory };
  }
  const draw = draft.rng.uniform();
  const score = size + 0.8 * draft.rng.normal();
  const isPrime = score > 0.55 || (score > -0.2 && draw < 0.72);
  if (isPrime || draft.kind === "preferred") {
    const marketAfter = draw < 0.15 ? "0112" : "0111";
    const marginClass = draft.rng.uniform() < 0.85 ? "2" : "1";
    return { marketBefore: "0101", marketAfter, marginClass, productCategory: "011" };
  }
  const isYoung = draw < 0.36 || draft.span.listed > 0;
  const [marketBefore, marketAfter] = isYoung
    ? ["0104", "0113"]
    : draw < 0.62
      ? ["0102", "0112"]
      : draw < 0.95
        ? ["0106", "0112"]
        : ["0107", "0113"];
  const marginClass = draft.rng.uniform() < 0.35 ? "2" : "1";
  return { marketBefore, marketAfter, marginClass, productCategory: "011" };
}

const fixedSegments: ReadonlyMap<IssueKind, readonly [string, string, string]> = new Map([
  ["etf", ["0109", "2", "014"]],
  ["reit", ["0109", "2", "013"]],
  ["foreign", ["0101", "1", "021"]],
  ["pro", ["0105", "3", "011"]],
]);

/** The segment an issue belongs to on an epoch day. */
export function segmentOn(issue: Issue, day: number): string {
  if (issue.kind === "foreign") return day < marketReformDay ? "0101" : "0112";
  return day < marketReformDay ? issue.marketBefore : issue.marketAfter;
}

function namesOf(kind: IssueKind, sector: number, code: string): Pick<Issue, "name" | "nameEn"> {
  const short = code.slice(0, 4);
  if (kind === "etf") return { name: `模擬上場投信${short}`, nameEn: `Simulated ETF ${short}` };
  if (kind === "reit") {
    return {
      name: `模擬リート投資法人${short}`,
      nameEn: `Simulated REIT ${short} Investment Corporation`,
    };
  }
  if (sector < 0) return { name: `模擬海外${short}`, nameEn: `Simulated Foreign ${short} Inc.` };
  const suffix = kind === "preferred" ? "（優先株式）" : "";
  return {
    name: `模擬${sectors[sector].name}${short}${suffix}`,
    nameEn: `Simulated ${sectors[sector].s33} ${short} Co.,Ltd.`,
  };
}

function kindsOf(count: number): readonly IssueKind[] {
  const kinds: IssueKind[] = new Array<IssueKind>(count).fill("stock");
  if (count < 20) return kinds;
  const extra = Math.max(0, Math.round(count * 0.035) - 2);
  const specials: readonly IssueKind[] = [
    ...kindsOfSpecials,
    ...Array.from({ length: extra }, (_, i): IssueKind => (i % 2 === 0 ? "etf" : "reit")),
  ];
  specials.forEach((kind, i) => {
    kinds[count - 1 - i] = kind;
  });
  return kinds;
}

/** About 2.3 % of issues a year are new and 2 % leave; markets of 20 issues or more have one of each and a code change. */
function listingSpans(rng: Rng, kinds: readonly IssueKind[], sessions: Sessions): readonly Span[] {
  const count = sessions.count;
  const years = count / 245;
  const isSmall = kinds.length < 20;
  const stocks = kinds.filter((kind) => kind === "stock").length;
  const changes = isSmall ? 0 : Math.max(1, Math.round(stocks * 0.0004 * years));
  const forced = isSmall ? -1 : stocks - 2 * changes;
  return kinds.map((kind, index): Span => {
    const draws = [rng.uniform(), rng.uniform(), rng.uniform(), rng.uniform()];
    const always = { listed: 0, delisted: count, predecessor: -1 };
    if (kind !== "stock" || index === 0) return always;
    if (index >= forced && !isSmall) {
      const pair = (index - forced) >> 1;
      const change = Math.round(count * (0.3 + (0.4 * (pair + 1)) / (changes + 1)));
      return (index - forced) % 2 === 0
        ? { ...always, delisted: change }
        : { ...always, listed: change, predecessor: index - 1 };
    }
    const isNew = draws[0] < Math.min(0.4, 0.023 * years) || index === forced - 1;
    const isLeaving = draws[1] < Math.min(0.35, 0.02 * years) || index === forced - 2;
    const listed = isNew
      ? Math.floor(count * (index === forced - 1 ? 0.9 : 0.02 + 0.93 * draws[2]))
      : 0;
    const delisted = isLeaving
      ? listed + Math.floor((count - listed) * (0.1 + 0.9 * draws[3]))
      : count;
    return { listed, delisted: Math.max(delisted, Math.min(count, listed + 2)), predecessor: -1 };
  });
}

function fiscalMonthOf(draw: number): number {
  const shares: readonly (readonly [number, number])[] = [
    [3, 0.63],
    [12, 0.75],
    [9, 0.81],
    [6, 0.86],
    [2, 0.92],
    [5, 0.95],
    [8, 0.98],
  ];
  return shares.find(([, bound]) => draw < bound)?.[0] ?? 11;
}

function standardOf(draw: number, size: number): AccountingStandard {
  if (draw < 0.003) return "US";
  return draw < 0.05 + 0.06 * Math.max(0, size) ? "IFRS" : "JP";
}

function cumulativeWeights(): readonly number[] {
  const total = sectors.reduce((sum, sector) => sum + sector.weight, 0);
  let sum = 0;
  return sectors.map((sector, index) => {
    sum += sector.weight;
    return index === sectors.length - 1 ? 1 : sum / total;
  });
}

/** `value` within ±`bound` of `centre`. */
function clamp(value: number, bound: number, centre = 0): number {
  return Math.min(centre + bound, Math.max(centre - bound, value));
}
