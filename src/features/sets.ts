// Named selections of features. The registry counts them; nothing pads to a total.

import { ConfigError } from "../errors.ts";
import type { Registry } from "./registry.ts";
import { core62 } from "./sets/core62.ts";
import { curated82 } from "./sets/curated82.ts";
import { panel145 } from "./sets/panel145.ts";
import { signal } from "./sets/signal.ts";

const lists: ReadonlyMap<string, readonly string[]> = new Map([
  ["core62", core62],
  ["panel145", panel145],
  ["curated82", curated82],
  ["signal", signal],
]);

/** Families that cost as much as many others together: correlations of many pairs. `standard,peers,linked-peers` has them. */
const costly: ReadonlySet<string> = new Set(["peers", "linked-peers"]);

/** Families that only a user's own files feed: chosen by name. */
const supplied: ReadonlySet<string> = new Set(["macro"]);

/** Names of the sets. */
export const setNames: readonly string[] = [
  "core62",
  "panel145",
  "curated82",
  "signal",
  "standard",
  "premium",
];

/**
 * The features of a selection: a set, a family or a feature, or several of them with commas between.
 * `standard` is every feature that the Standard plan feeds but peers and linked-peers, `premium` every feature that J-Quants feeds. Throws ConfigError for an unknown name.
 */
export function selectFeatures(registry: Registry, selection: string): readonly string[] {
  const names = selection.split(",").flatMap((part) => expand(registry, part.trim()));
  return [...new Set(names)];
}

function expand(registry: Registry, name: string): readonly string[] {
  const open = registry.features.filter(({ internal }) => !internal);
  const served = open.filter(({ family }) => !supplied.has(family));
  if (name === "premium") return served.map((feature) => feature.name);
  if (name === "standard") {
    const fed = served.filter(({ plan, family }) => plan !== "premium" && !costly.has(family));
    return fed.map((feature) => feature.name);
  }
  const list = lists.get(name);
  if (list !== undefined) return list;
  const family = open.filter((feature) => feature.family === name);
  if (family.length > 0) return family.map((feature) => feature.name);
  if (registry.has(name) && !registry.get(name).internal) return [name];
  const families = [...new Set(open.map((feature) => feature.family))];
  throw new ConfigError(
    `features: nothing is called ${name}; sets are ${setNames.join(", ")}; families are ${families.join(", ")}; or give columns by name`,
  );
}
