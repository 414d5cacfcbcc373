// Which lake tables a column is made from, through all its inputs: it fills the catalogue and holds declared plans to the truth.

import { ConfigError } from "../errors.ts";
import type { Feature } from "./feature.ts";
import { rawInputDomain, stockInputs } from "./raw-inputs.ts";
import type { Registry } from "./registry.ts";

/** Tables behind a feature, sorted. Throws ConfigError for an unknown name. */
export function tablesBehind(registry: Registry, name: string): readonly string[] {
  const found = new Set<string>();
  const seen = new Set<string>();
  const visit = (one: string): void => {
    if (seen.has(one)) return;
    seen.add(one);
    const feature = registry.get(one);
    for (const table of ownTables(registry, feature)) found.add(table);
    for (const input of feature.inputs) {
      if (registry.has(input)) visit(input);
      else if (feature.kind !== "event") found.add(rawInputTable(input));
    }
  };
  visit(name);
  found.delete(noTable);
  return [...found].toSorted();
}

/** What a date or a half day comes from: the calendar's rules, no table of its own. */
const noTable = "";

/** Records, and the list of issues where stocks are taken by sector or section. */
function ownTables(registry: Registry, feature: Feature): readonly string[] {
  if (feature.kind === "event") {
    const { tables, by } = registry.events(feature.events);
    return by === "sector33" || by === "sector17" || by === "section"
      ? [...tables, "equities_master"]
      : tables;
  }
  return isGrouped(feature) ? ["equities_master"] : [];
}

function isGrouped(feature: Feature): boolean {
  switch (feature.kind) {
    case "crossSection":
      return feature.within !== undefined;
    case "panel":
      return feature.bundle.within !== undefined;
    case "group":
    case "market":
      return feature.by !== "market";
    default:
      return false;
  }
}

const masterInputs: ReadonlySet<string> = new Set([
  "sector33_id",
  "sector17_id",
  "section_id",
  "margin_class",
]);

/** The table of a raw input; empty for what the calendar's rules give. Throws ConfigError for an unknown one. */
function rawInputTable(name: string): string {
  if (masterInputs.has(name)) return "equities_master";
  if (stockInputs.has(name)) return "equities_bars_daily";
  if (name.startsWith("topix_")) return "indices_bars_daily_topix";
  if (name.startsWith("index_") || name.startsWith("sector_index_")) return "indices_bars_daily";
  if (rawInputDomain(name) === "market") return noTable;
  throw new ConfigError(`features: no table is known for the raw input ${name}`);
}
