// The six ways to declare a feature, with the defaults that most declarations share.

import { ConfigError } from "../errors.ts";
import type {
  AggregateKernel,
  CrossKernel,
  CrossSectionFeature,
  Domain,
  EventFeature,
  EventKernel,
  Family,
  Feature,
  FeatureBase,
  Grouping,
  GroupFeature,
  MarketFeature,
  PanelBundle,
  PanelFeature,
  Plan,
  SeriesKernel,
  StockFeature,
} from "./feature.ts";

/** What every declaration says; the rest has defaults. */
export interface Declaration {
  readonly inputs: readonly string[];
  readonly lookback: number;
  readonly formula: string;
  readonly normalisation: FeatureBase["normalisation"];
  readonly unit: string;
  /** Default 0. */
  readonly lag?: number;
  /** Default: the family's. */
  readonly source?: string;
  /** Default: the family's. */
  readonly plan?: Plan;
  /** Default false. */
  readonly isSelfContained?: boolean;
  /** Default false. */
  readonly internal?: boolean;
  readonly deviation?: string;
}

/** A feature of one stock's own past. */
export function stock(
  name: string,
  declaration: Declaration & { readonly compute: SeriesKernel },
): StockFeature {
  return { kind: "stock", ...base(name, declaration), compute: declaration.compute };
}

/** A feature of a stock's place among the stocks of the session, or of its group in it. */
export function crossSection(
  name: string,
  declaration: Declaration & { readonly within?: Grouping; readonly compute: CrossKernel },
): CrossSectionFeature {
  const { within, compute } = declaration;
  return { kind: "crossSection", ...base(name, declaration), within, compute };
}

/** A number for each group in a session. */
export function group(
  name: string,
  declaration: Declaration & {
    readonly by: Grouping | "market";
    readonly compute: AggregateKernel;
  },
): GroupFeature {
  const { by, compute } = declaration;
  return { kind: "group", ...base(name, declaration), by, compute };
}

/** A series of the market (default) or of each group. */
export function market(
  name: string,
  declaration: Declaration & {
    readonly by?: Grouping | "market";
    readonly compute: SeriesKernel;
  },
): MarketFeature {
  const { by = "market", compute } = declaration;
  return { kind: "market", ...base(name, declaration), by, compute };
}

type ColumnDeclaration = Pick<Declaration, "formula" | "normalisation" | "unit">;

/** The columns of a bundle, each with its own words. */
export function panel(
  bundle: Omit<PanelBundle, "outputs">,
  columns: readonly (ColumnDeclaration & { readonly name: string })[],
): readonly PanelFeature[] {
  const whole = { ...bundle, outputs: columns.map(({ name }) => name) };
  const { links, window } = bundle;
  const inputs = links === undefined ? bundle.inputs : [...bundle.inputs, links.input];
  const lookback = Math.max(window, links === undefined ? 0 : links.window + longestQuarter);
  return columns.map((column) => ({
    kind: "panel",
    ...base(column.name, { ...column, inputs, lookback }),
    bundle: whole,
  }));
}

/** No calendar quarter has more sessions. */
const longestQuarter = 66;

type EventDeclaration = Omit<Declaration, "lookback"> & {
  readonly events: string;
  /** Default "stock": the source's key is a code. */
  readonly by?: Domain;
  /** Default "value". */
  readonly join?: EventFeature["join"];
  readonly maxAge: number;
  /** Records a value depends on, today's included; default 1. */
  readonly lookback?: number;
  /** Default: the first input as it stands. */
  readonly compute?: EventKernel;
};

/** A feature of records that become known at an instant. */
export function event(name: string, declaration: EventDeclaration): EventFeature {
  const { events, by = "stock", join = "value", maxAge, lookback = 1, compute } = declaration;
  return {
    kind: "event",
    ...base(name, { ...declaration, lookback }),
    events,
    by,
    join,
    maxAge,
    compute: compute ?? copyFirst,
  };
}

export interface FamilyDefaults {
  readonly source: string;
  readonly plan?: Plan;
}

/** Puts features under a family's name and fills in its source and plan. Throws ConfigError for a repeated name. */
export function defineFamily(
  name: string,
  { source, plan = "standard" }: FamilyDefaults,
  features: readonly Feature[],
): Family {
  const names = new Set<string>();
  for (const feature of features) {
    if (names.has(feature.name)) {
      throw new ConfigError(`family ${name}: ${feature.name} is declared twice`);
    }
    names.add(feature.name);
  }
  return {
    name,
    features: features.map((feature) => ({
      ...feature,
      family: name,
      source: feature.source || source,
      plan: feature.plan === "light" ? plan : feature.plan,
    })),
  };
}

function base(name: string, declaration: Declaration): FeatureBase {
  const { lag = 0, source = "", plan = "light", internal = false, deviation } = declaration;
  const { isSelfContained = false } = declaration;
  const { inputs, lookback, normalisation, unit, formula } = declaration;
  return {
    name,
    family: "",
    inputs,
    lookback,
    isSelfContained,
    lag,
    normalisation,
    unit,
    formula,
    source,
    plan,
    internal,
    deviation,
  };
}

function copyFirst(fields: readonly Float64Array[], out: Float64Array): void {
  out.set(fields[0]);
}
