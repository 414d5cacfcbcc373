// Which sources of a selection have not a single value in the loaded data, and which columns stand or fall with them.

import type { Feature, Grouping } from "./feature.ts";
import { noGroup } from "./groupings.ts";
import type { MarketData } from "./market-data.ts";
import { parseIndexInput, sectorInputs, stockInputs } from "./raw-inputs.ts";
import type { Registry } from "./registry.ts";

/** A source without data, and the selected columns that read it, directly or through others. */
export interface AbsentSource {
  readonly source: string;
  readonly columns: readonly string[];
}

/** Absent sources by name; a column is listed under the first one that it needs. */
export function absentSources(
  registry: Registry,
  selected: readonly string[],
  data: MarketData,
): readonly AbsentSource[] {
  const known = new Map<string, string | undefined>();
  const lackOf = (name: string, find: () => string | undefined): string | undefined => {
    if (!known.has(name)) known.set(name, find());
    return known.get(name);
  };
  const ofFeature = (name: string): string | undefined =>
    lackOf(name, () => {
      const feature = registry.get(name);
      return firstOf([
        () => ownLack(registry, feature, data, lackOf),
        ...feature.inputs.map((input) => () => {
          if (registry.has(input)) return ofFeature(input);
          if (feature.kind === "event") return undefined;
          return lackOf(input, () => inputLack(input, data));
        }),
      ]);
    });
  const bySource = new Map<string, string[]>();
  for (const name of selected) {
    const source = ofFeature(name);
    if (source !== undefined) bySource.set(source, [...(bySource.get(source) ?? []), name]);
  }
  return [...bySource]
    .map(([source, columns]) => ({ source, columns }))
    .toSorted((a, b) => (a.source < b.source ? -1 : 1));
}

type Lack = (name: string, find: () => string | undefined) => string | undefined;

/** What a feature needs beside its inputs: records, and the grouping that it works by. */
function ownLack(
  registry: Registry,
  feature: Feature,
  data: MarketData,
  lackOf: Lack,
): string | undefined {
  const grouping = groupingOf(feature);
  return firstOf([
    () => {
      if (feature.kind !== "event") return undefined;
      const { events } = feature;
      const isEmpty = (data.events.get(events)?.session.length ?? 0) === 0;
      const [table = events] = registry.events(events).tables;
      return isEmpty ? table : undefined;
    },
    () => (grouping === undefined ? undefined : lackOf(grouping, () => groupLack(grouping, data))),
  ]);
}

function groupingOf(feature: Feature): Grouping | undefined {
  if (feature.kind === "crossSection") return feature.within;
  if (feature.kind === "panel") return feature.bundle.within;
  if (feature.kind === "stock") return undefined;
  return feature.by === "market" || feature.by === "stock" ? undefined : feature.by;
}

function groupLack(grouping: Grouping, data: MarketData): string | undefined {
  const groups = data.groups.get(grouping);
  const isKnown = groups?.some((group) => group !== noGroup) ?? false;
  return isKnown ? undefined : `equities_master ${grouping}`;
}

/** Table and column of a raw input that is empty. */
function inputLack(input: string, data: MarketData): string | undefined {
  const values = stockInputs.has(input)
    ? data.panel.column(input)
    : (data.series.get(input) ?? data.sectorSeries.get(input));
  if (values?.some((value) => value === value) === true) return undefined;
  if (sectorInputs.has(input)) return "indices_bars_daily of sectors";
  const index = parseIndexInput(input);
  if (index !== undefined) return `indices_bars_daily ${index.code}`;
  if (input.startsWith("topix_")) return "indices_bars_daily_topix";
  return input.endsWith("_id") || input === "margin_class"
    ? `equities_master ${input}`
    : `equities_bars_daily ${input}`;
}

function firstOf(finds: readonly (() => string | undefined)[]): string | undefined {
  for (const find of finds) {
    const found = find();
    if (found !== undefined) return found;
  }
  return undefined;
}
