// The catalogue of features, as Markdown and as one HTML page: formula, availability, lookback, normalisation, source.

import { page, type Section, table } from "../page/index.ts";
import type { Feature } from "./feature.ts";
import { domainOf } from "./feature.ts";
import { tablesBehind } from "./lineage.ts";
import type { Registry } from "./registry.ts";
import { selectFeatures, setNames } from "./sets.ts";

/** One row of the catalogue. */
export interface CatalogueEntry {
  readonly name: string;
  readonly family: string;
  readonly kind: string;
  readonly domain: string;
  readonly formula: string;
  readonly inputs: readonly string[];
  /** From when a row may use it. */
  readonly availability: string;
  /** Through all inputs, today included. */
  readonly lookback: string;
  readonly normalisation: string;
  readonly unit: string;
  readonly plan: string;
  readonly source: string;
  /** Lake tables behind it, through all inputs. */
  readonly tables: readonly string[];
  readonly deviation: string;
}

/** Every column that a dataset may have, by family. */
export function catalogueEntries(registry: Registry): readonly CatalogueEntry[] {
  return registry.features
    .filter(({ internal }) => !internal)
    .map((feature) => entryOf(registry, feature));
}

/** How many columns each named set has, counted from the registry. */
export function setSizes(registry: Registry): readonly (readonly [string, number])[] {
  return setNames.map((name) => [name, selectFeatures(registry, name).length]);
}

export function catalogueMarkdown(registry: Registry): string {
  const entries = catalogueEntries(registry);
  const sets = setSizes(registry).map(([name, size]) => `| ${name} | ${size} |`);
  const families = familiesOf(entries).flatMap(([family, members]) => [
    `\n## ${family} (${members.length})\n`,
    "| column | formula | available | lookback | scaling | unit | plan |",
    "| --- | --- | --- | --- | --- | --- | --- |",
    ...members.map(
      (entry) =>
        `| ${entry.name} | ${cell(withDeviation(entry))} | ${cell(entry.availability)} | ${entry.lookback} | ${entry.normalisation} | ${cell(entry.unit)} | ${entry.plan} |`,
    ),
    `\nSource: ${[...new Set(members.map(({ source }) => source))].join("; ")}. Lake tables: ${tablesOf(members).join(", ")}.`,
  ]);
  return [
    "# Feature catalogue",
    "",
    `${entries.length} columns in ${familiesOf(entries).length} families. Written from the registry; do not edit.`,
    "",
    "<!-- prettier-ignore-start -->",
    "",
    "| set | columns |",
    "| --- | --- |",
    ...sets,
    ...families,
    "",
    "<!-- prettier-ignore-end -->",
    "",
  ].join("\n");
}

export function catalogueHtml(registry: Registry): string {
  const entries = catalogueEntries(registry);
  const families = familiesOf(entries);
  return page({
    title: "Feature catalogue",
    subtitle: `${entries.length} columns in ${families.length} families, written from the registry`,
    isWide: true,
    sections: [
      {
        title: "Sets",
        lead: "What `dataset build --features` takes by name; families and columns may be named too, comma separated.",
        body: table({ columns: ["set", "columns"], rows: setSizes(registry) }),
      },
      ...families.map(([family, members]) => familySection(family, members)),
    ],
  });
}

function familySection(family: string, members: readonly CatalogueEntry[]): Section {
  return {
    title: family,
    lead: `${counted(members.length, "column")}. Lake tables: ${tablesOf(members).join(", ")}.`,
    body: table({
      columns: ["column", "formula", "available", "lookback", "scaling", "unit", "plan", "source"],
      rows: members.map((entry) => [
        entry.name,
        withDeviation(entry),
        entry.availability,
        entry.lookback,
        entry.normalisation,
        entry.unit,
        entry.plan,
        entry.source,
      ]),
    }),
  };
}

function entryOf(registry: Registry, feature: Feature): CatalogueEntry {
  const { name, family, kind, formula, inputs, normalisation, unit, plan, source } = feature;
  return {
    name,
    family,
    kind,
    domain: domainOf(feature),
    formula,
    inputs,
    availability: availabilityOf(feature),
    lookback: lookbackOf(registry, feature),
    normalisation,
    unit,
    plan,
    source,
    tables: tablesBehind(registry, name),
    deviation: feature.deviation ?? "",
  };
}

function availabilityOf(feature: Feature): string {
  if (feature.kind === "event") {
    return `first session whose close comes after the record was known; ${Number.isFinite(feature.maxAge) ? `at most ${feature.maxAge} sessions` : "without limit"}`;
  }
  if (feature.lag > 0) return `${feature.lag} session${feature.lag > 1 ? "s" : ""} later`;
  return "close of its session";
}

function lookbackOf(registry: Registry, feature: Feature): string {
  if (feature.kind === "event") {
    const { lookback } = feature;
    return Number.isFinite(lookback) ? counted(lookback, "record") : "all records so far";
  }
  const sessions = sessionsNeeded(registry, feature);
  return Number.isFinite(sessions) ? counted(sessions, "session") : "recursive";
}

/** Sessions that a column depends on through all its inputs, today included; records are as of a session and count none. */
function sessionsNeeded(registry: Registry, { inputs, lookback, lag }: Feature): number {
  const below = inputs.map((name) => {
    const input = registry.has(name) ? registry.get(name) : undefined;
    return input === undefined || input.kind === "event" ? 1 : sessionsNeeded(registry, input);
  });
  return Math.max(1, ...below) + lookback - 1 + lag;
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}

function familiesOf(
  entries: readonly CatalogueEntry[],
): readonly (readonly [string, readonly CatalogueEntry[]])[] {
  return [...Map.groupBy(entries, ({ family }) => family)];
}

function tablesOf(members: readonly CatalogueEntry[]): readonly string[] {
  return [...new Set(members.flatMap(({ tables }) => tables))].toSorted();
}

function withDeviation({ formula, deviation }: CatalogueEntry): string {
  return deviation === "" ? formula : `${formula} (${deviation})`;
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}
