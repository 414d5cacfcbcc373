// The registry: every declared feature by name, checked for unknown inputs, cycles and impossible mixes of domains.

import { ConfigError } from "../errors.ts";
import { domainOf, type Domain, type Family, type Feature } from "./feature.ts";
import { eventSource, type EventSource } from "./event-sources.ts";
import { rawInputDomain } from "./raw-inputs.ts";

export class Registry {
  readonly #features: ReadonlyMap<string, Feature>;
  readonly #events: ReadonlyMap<string, EventSource>;

  /** Throws ConfigError for a repeated name, an unknown input, a cycle, or an input of a domain that the kind cannot read. */
  constructor(families: readonly Family[], sources: readonly EventSource[] = []) {
    const features = new Map<string, Feature>();
    for (const feature of families.flatMap((family) => family.features)) {
      const other = features.get(feature.name);
      if (other !== undefined) {
        throw new ConfigError(
          `registry: ${feature.name} is declared by both ${other.family} and ${feature.family}`,
        );
      }
      features.set(feature.name, feature);
    }
    this.#features = features;
    this.#events = new Map(sources.map((source) => [source.name, source]));
    for (const feature of features.values()) this.#check(feature);
    this.closure([...features.keys()]);
  }

  get names(): readonly string[] {
    return [...this.#features.keys()];
  }

  get features(): readonly Feature[] {
    return [...this.#features.values()];
  }

  has(name: string): boolean {
    return this.#features.has(name);
  }

  /** Throws ConfigError for an unknown name. */
  get(name: string): Feature {
    const feature = this.#features.get(name);
    if (feature === undefined) throw new ConfigError(`registry: no feature named ${name}`);
    return feature;
  }

  /** The event source of an event feature. */
  events(name: string): EventSource {
    return eventSource(this.#events, name);
  }

  /** The features in `names` and all they read, inputs before their readers. Throws ConfigError for a cycle. */
  closure(names: readonly string[]): readonly Feature[] {
    const ordered = new Map<string, Feature>();
    const open = new Set<string>();
    const visit = (name: string): void => {
      if (ordered.has(name)) return;
      if (open.has(name)) {
        throw new ConfigError(`registry: ${[...open, name].join(" reads ")}: a cycle`);
      }
      const feature = this.get(name);
      open.add(name);
      for (const input of feature.inputs) if (this.#features.has(input)) visit(input);
      open.delete(name);
      ordered.set(name, feature);
    };
    for (const name of names) visit(name);
    return [...ordered.values()];
  }

  /** Domain of an input: of the feature of that name, else of the raw input. Throws ConfigError when there is neither. */
  inputDomain(name: string): Domain {
    const feature = this.#features.get(name);
    return feature === undefined ? rawInputDomain(name) : domainOf(feature);
  }

  #check(feature: Feature): void {
    if (feature.kind === "event") {
      this.#checkEvent(feature.name, feature.events, feature.by, feature.inputs);
      return;
    }
    for (const input of feature.inputs) {
      const domain = this.inputDomain(input);
      const readable = readableDomains(feature);
      if (readable !== undefined && !readable.includes(domain)) {
        throw new ConfigError(
          `registry: ${feature.name} (${feature.kind}) cannot read ${input}: expected an input of ${readable.join(" or ")}, found ${domain}`,
        );
      }
    }
  }

  #checkEvent(name: string, events: string, by: Domain, inputs: readonly string[]): void {
    const source = this.events(events);
    if (source.by !== by) {
      throw new ConfigError(
        `registry: ${name} is declared by ${by}, but the records of ${events} are by ${source.by}`,
      );
    }
    for (const input of inputs) {
      const other = this.#features.get(input);
      const isSibling = other?.kind === "event" && other.events === events;
      if (!isSibling && !source.fields.some((field) => field.name === input)) {
        throw new ConfigError(
          `registry: ${name} reads ${input}, which is neither a field of ${events} (${source.fields.map((field) => field.name).join(", ")}) nor a feature of it`,
        );
      }
    }
  }
}

/** Domains that a kind may read; undefined where it may read all. */
function readableDomains(feature: Feature): readonly Domain[] | undefined {
  if (feature.kind === "panel") return ["stock"];
  if (feature.kind === "market") {
    return feature.by === "market" ? ["market"] : ["market", feature.by];
  }
  return undefined;
}
