// What shapes the parameters: the configuration and the columns of the dataset.

import type { AtftConfig } from "../../config/atft.ts";
import { ConfigError } from "../../errors.ts";

export { type AtftConfig, atftConfig, atftPreset, atftPresets } from "../../config/atft.ts";

export interface FeatureColumn {
  readonly name: string;
  readonly family: string;
}

export interface StaticColumn {
  readonly name: string;
  /** Categories; code 0 is "unknown". */
  readonly count: number;
}

/** All that shapes the parameters: the configuration and the columns. Features of a family are neighbours. */
export interface AtftSpec {
  readonly config: AtftConfig;
  readonly features: readonly FeatureColumn[];
  readonly statics: readonly StaticColumn[];
}

export interface Family {
  readonly name: string;
  readonly size: number;
}

/** Families in column order with their sizes. Throws ConfigError where a family's columns are not neighbours. */
export function familiesOf(features: readonly FeatureColumn[]): readonly Family[] {
  const families: { name: string; size: number }[] = [];
  for (const { family } of features) {
    const last = families.at(-1);
    if (last?.name === family) last.size += 1;
    else families.push({ name: family, size: 1 });
  }
  if (new Set(families.map(({ name }) => name)).size !== families.length) {
    throw new ConfigError("model: the features of a family must be neighbours; sort by family");
  }
  return families;
}

/** Sessions before a window's first that the trailing statistics look back on. */
export function lookbackOf({ normalisation: { windows } }: AtftConfig): number {
  return windows.length === 0 ? 0 : Math.max(...windows) - 1;
}
