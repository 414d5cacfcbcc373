// The registry of every family, made once a thread.

import { Registry } from "../registry.ts";
import { eventSources, families } from "./index.ts";

let registry: Registry | undefined;

export function familiesRegistry(): Registry {
  registry ??= new Registry(families, eventSources);
  return registry;
}
