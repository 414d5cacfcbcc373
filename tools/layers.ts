// The order of the stages: a file under src/ imports the ground and earlier stages, never later ones.

import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { parseSync } from "oxc-parser";

/** Each entry is one layer; members of one entry may import each other only as listed in `beside`. */
const order: readonly (readonly string[])[] = [
  ["errors", "progress"],
  ["rng", "clock", "hash", "publish"],
  ["config"],
  ["calendar", "page"],
  ["workers"],
  ["panel"],
  ["stats"],
  ["tensor"],
  ["jquants"],
  ["simulator"],
  ["lake"],
  ["ingest"],
  ["graph"],
  ["features"],
  ["dataset"],
  ["runs"],
  ["model"],
  ["train"],
  ["evaluate"],
  ["backtest"],
  ["registry"],
  ["pipeline"],
  ["index", "commands"],
  ["cli"],
];

const rank = new Map(order.flatMap((names, level) => names.map((name) => [name, level])));

export interface LayerFault {
  readonly file: string;
  readonly message: string;
}

/** Every import under `root`/src that goes upstream, and every folder that has no place in the order. */
export function layerFaults(root: string): LayerFault[] {
  const source = join(root, "src");
  return readdirSync(source, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .sort()
    .flatMap((name) => faultsOf(source, name));
}

function faultsOf(source: string, name: string): LayerFault[] {
  const file = join("src", name);
  const here = layerOf(name);
  const level = rank.get(here);
  if (level === undefined) return [{ file, message: `no layer is called ${here}` }];
  return importsOf(join(source, name)).flatMap((specifier) => {
    const target = relative(source, resolve(source, dirname(name), specifier));
    if (target.startsWith("..")) return [{ file, message: `imports ${specifier} outside src/` }];
    const there = layerOf(target);
    if (there === here || (rank.get(there) ?? Infinity) <= level) return [];
    return [{ file, message: `${here} must not import ${there} (${specifier}): it comes later` }];
  });
}

function importsOf(path: string): string[] {
  const { module } = parseSync(path, readFileSync(path, "utf8"));
  const fixed = module.staticImports.map((entry) => entry.moduleRequest.value);
  const reexported = module.staticExports.flatMap((entry) =>
    entry.entries.flatMap((item) => item.moduleRequest?.value ?? []),
  );
  return [...fixed, ...reexported].filter((specifier) => specifier.startsWith("."));
}

function layerOf(name: string): string {
  return name.split(sep)[0].replace(/\.ts$/u, "");
}
