// Rows of /equities/investor-types: a week's sales and purchases by section and investor, in thousand yen, with corrections.

import { isoDate } from "../../calendar/index.ts";
import type { Rng } from "../../rng.ts";
import type { MarketContext, RowQuery } from "./context.ts";
import { flowSections, type FlowWeek, isSectionOn } from "./flows.ts";
import type { MarketRow } from "./types.ts";

interface Investor {
  readonly name: string;
  /** Share of a large-cap section's trading, and what is added to it in a small-cap section. */
  readonly share: number;
  readonly smallCap: number;
  /** Net over total: per unit of foreign pressure, and noise. */
  readonly follow: number;
  readonly noise: number;
}

/** The customers of brokers; the brokers' own account takes the other side of them all. */
const customers: readonly Investor[] = [
  { name: "Ind", share: 0.2, smallCap: 0.35, follow: -0.05, noise: 0.03 },
  { name: "Frgn", share: 0.55, smallCap: -0.28, follow: 0.05, noise: 0 },
  { name: "SecCo", share: 0.01, smallCap: 0, follow: 0, noise: 0.04 },
  { name: "InvTr", share: 0.022, smallCap: 0, follow: -0.02, noise: 0.08 },
  { name: "BusCo", share: 0.01, smallCap: 0, follow: 0, noise: 0.12 },
  { name: "OthCo", share: 0.003, smallCap: 0, follow: 0, noise: 0.1 },
  { name: "InsCo", share: 0.002, smallCap: 0, follow: 0, noise: 0.12 },
  { name: "Bank", share: 0.002, smallCap: 0, follow: 0, noise: 0.15 },
  { name: "TrstBnk", share: 0.035, smallCap: -0.02, follow: -0.03, noise: 0.06 },
  { name: "OthFin", share: 0.003, smallCap: 0, follow: 0, noise: 0.1 },
];

const order: readonly string[] = [
  "Prop",
  "Brk",
  "Tot",
  ...customers.map((investor) => investor.name),
];

const largeCapSections: ReadonlySet<string> = new Set(["TSE1st", "TSEPrime"]);

interface Amounts {
  readonly sell: number;
  readonly buy: number;
}

type Book = Map<string, Amounts>;

/** Rows by publication day; a correction is a second row of the week, published five sessions later. */
export function investorTypes(market: MarketContext, query: RowQuery): MarketRow[] {
  const { calendar } = market.sessions;
  const rows: MarketRow[] = [];
  for (const week of market.weeks) {
    const correctionDay = calendar.add(week.publicationDay, 5);
    const wanted = (day: number): boolean => day >= query.fromDay && day <= query.toDay;
    if (wanted(week.publicationDay)) rows.push(...weekRows(market, week, query.code, false));
    if (wanted(correctionDay) && isCorrected(week)) {
      rows.push(...weekRows(market, week, query.code, true));
    }
  }
  return rows.sort((a, b) => (textOf(a["PubDate"]) < textOf(b["PubDate"]) ? -1 : 1));
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function isCorrected(week: FlowWeek): boolean {
  return week.first % 25 < 5;
}

function weekRows(
  market: MarketContext,
  week: FlowWeek,
  section: string | undefined,
  corrected: boolean,
): readonly MarketRow[] {
  const { calendar, days } = market.sessions;
  const last = days[week.last];
  const whole: Book = new Map();
  const rows: MarketRow[] = [];
  const publicationDay = corrected ? calendar.add(week.publicationDay, 5) : week.publicationDay;
  const dates = {
    PubDate: isoDate(publicationDay),
    StDate: isoDate(days[week.first]),
    EnDate: isoDate(last),
  };
  flowSections.forEach((name, position) => {
    if (!isSectionOn(name, last)) return;
    const book = name === "TokyoNagoya" ? whole : sectionBook(market, week, position, corrected);
    if (book !== whole) addBook(whole, book);
    if (section === undefined || section === name)
      rows.push({ ...dates, Section: name, ...cellsOf(book) });
  });
  return rows;
}

/** Sell and buy of each investor: customers by share and net ratio, own account = total − customers. */
function sectionBook(
  market: MarketContext,
  week: FlowWeek,
  position: number,
  corrected: boolean,
): Book {
  const name = flowSections[position];
  const rng = market.rng.split(`investors/${name}/${week.first}`);
  let turnover = 0;
  for (let d = week.first; d <= week.last; d += 1)
    turnover += market.turnovers.sections(d)[position];
  const total = Math.round(turnover / 1000);
  const buy = Math.round(total * (1 + 0.0008 * rng.normal()));
  const isLargeCap = largeCapSections.has(name);
  const drafts = customers.map((investor) =>
    amountsOf(investor, isLargeCap, total, week.pressures[position], rng),
  );
  const sellScale = scaleWithin(
    drafts.map((amounts) => amounts.sell),
    total,
  );
  const buyScale = scaleWithin(
    drafts.map((amounts) => amounts.buy),
    buy,
  );
  const book: Book = new Map();
  const brokerage = { sell: 0, buy: 0 };
  customers.forEach((investor, i) => {
    const isChanged = corrected && (investor.name === "InvTr" || investor.name === "OthCo");
    const amounts = {
      sell: Math.round(drafts[i].sell * sellScale * (isChanged ? 1.04 : 1)),
      buy: Math.round(drafts[i].buy * buyScale),
    };
    brokerage.sell += amounts.sell;
    brokerage.buy += amounts.buy;
    book.set(investor.name, amounts);
  });
  book.set("Brk", brokerage);
  book.set("Tot", { sell: total, buy });
  book.set("Prop", { sell: total - brokerage.sell, buy: buy - brokerage.buy });
  return book;
}

/** Leaves at least 3 % of a side to the brokers' own account. */
function scaleWithin(amounts: readonly number[], total: number): number {
  const sum = amounts.reduce((a, b) => a + b, 0);
  return sum > 0 ? Math.min(1, (0.97 * total) / sum) : 1;
}

function amountsOf(
  investor: Investor,
  isLargeCap: boolean,
  total: number,
  pressure: number,
  rng: Rng,
): Amounts {
  const share = Math.max(0.0005, investor.share + (isLargeCap ? 0 : investor.smallCap));
  const traded = 2 * total * share * Math.exp(0.04 * rng.normal());
  const net = Math.max(
    -0.6,
    Math.min(0.6, investor.follow * pressure + investor.noise * rng.normal()),
  );
  return { sell: (traded * (1 - net)) / 2, buy: (traded * (1 + net)) / 2 };
}

function addBook(sum: Book, book: Book): void {
  for (const [name, { buy, sell }] of book) {
    const old = sum.get(name);
    sum.set(name, { sell: (old?.sell ?? 0) + sell, buy: (old?.buy ?? 0) + buy });
  }
}

function cellsOf(book: Book): MarketRow {
  const cells: [string, number][] = [];
  for (const name of order) {
    const { buy, sell } = book.get(name) ?? { buy: 0, sell: 0 };
    cells.push(
      [`${name}Sell`, sell],
      [`${name}Buy`, buy],
      [`${name}Tot`, sell + buy],
      [`${name}Bal`, buy - sell],
    );
  }
  return Object.fromEntries(cells);
}
