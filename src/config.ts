// Configuration enters here: the environment, YAML files and `key=value` overrides become one strict, frozen tree.

import { existsSync, readFileSync } from "node:fs";
import { loadEnvFile } from "node:process";
import { parse as parseYaml, YAMLParseError } from "yaml";
import { z } from "zod";
import { configTree, type Config } from "./config/tree.ts";
import { ConfigError } from "./errors.ts";
import { hashValue } from "./hash.ts";

export type { Config } from "./config/tree.ts";

/** The environment variables that gogooku3 reads; there are no others. `.env.example` says what each is for. */
export interface Environment {
  readonly GOGOOKU3_HOME?: string | undefined;
  readonly JQUANTS_API_KEY?: string | undefined;
  readonly JQUANTS_BASE_URL?: string | undefined;
  readonly JQUANTS_PLAN?: "free" | "light" | "standard" | "premium" | undefined;
  readonly JQUANTS_API_CLIENT_CONFIG_FILE?: string | undefined;
  readonly LIGHTGBM_LIB?: string | undefined;
  readonly GOGOOKU3_S3_ENDPOINT?: string | undefined;
  readonly GOGOOKU3_S3_REGION?: string | undefined;
  readonly GOGOOKU3_S3_BUCKET?: string | undefined;
  readonly GOGOOKU3_S3_PREFIX?: string | undefined;
  readonly GOGOOKU3_S3_ACCESS_KEY_ID?: string | undefined;
  readonly GOGOOKU3_S3_SECRET_ACCESS_KEY?: string | undefined;
  readonly HOME?: string | undefined;
}

const environmentSchema: z.ZodType<Environment> = z.object({
  GOGOOKU3_HOME: z.string().optional(),
  JQUANTS_API_KEY: z.string().optional(),
  JQUANTS_BASE_URL: z.url().optional(),
  JQUANTS_PLAN: z.enum(["free", "light", "standard", "premium"]).optional(),
  JQUANTS_API_CLIENT_CONFIG_FILE: z.string().optional(),
  LIGHTGBM_LIB: z.string().optional(),
  GOGOOKU3_S3_ENDPOINT: z.url().optional(),
  GOGOOKU3_S3_REGION: z.string().optional(),
  GOGOOKU3_S3_BUCKET: z.string().optional(),
  GOGOOKU3_S3_PREFIX: z.string().optional(),
  GOGOOKU3_S3_ACCESS_KEY_ID: z.string().optional(),
  GOGOOKU3_S3_SECRET_ACCESS_KEY: z.string().optional(),
  HOME: z.string().optional(),
});

/** Reads the environment once, after `.env` in the working directory when there is one. */
export function readEnvironment(): Environment {
  if (existsSync(".env")) loadEnvFile(".env");
  const set = Object.entries(process.env).filter(([, value]) => value !== "");
  return Object.freeze(parseOrThrow(environmentSchema, Object.fromEntries(set), "environment"));
}

export interface ConfigSources {
  /** A YAML file whose tree is laid over the defaults. */
  readonly file?: string | undefined;
  /** `key.nested=value` pairs, values in YAML; a top-level comma list means one run a value. */
  readonly overrides?: readonly string[] | undefined;
}

/** Resolves defaults, file and overrides into one tree. Throws ConfigError for unknown keys, wrong types and multirun lists. */
export function resolveConfig(sources: ConfigSources = {}): Config {
  const runs = resolveRuns(sources);
  if (runs.length !== 1) {
    throw new ConfigError(
      `config: this command runs one configuration, the overrides give ${runs.length}; write a list as key=[a,b]`,
    );
  }
  return runs[0];
}

/** As resolveConfig, one tree for each combination of `key=a,b,c` values, the last key varying fastest. */
export function resolveRuns({ file, overrides = [] }: ConfigSources): Config[] {
  const base = file === undefined ? {} : readConfigFile(file);
  return expandOverrides(overrides).map((assignments) => {
    const tree = structuredClone(base);
    for (const [path, value] of assignments) assign(tree, path, value);
    return deepFreeze(parseOrThrow(configTree, tree, file ?? "config"));
  });
}

/** The hash of a resolved tree; it goes into every artifact made from it. */
export function configHash(config: unknown): string {
  return hashValue(config);
}

type Assignment = readonly [path: readonly string[], value: unknown];

function expandOverrides(overrides: readonly string[]): Assignment[][] {
  let runs: Assignment[][] = [[]];
  for (const override of overrides) {
    const [path, values] = parseOverride(override);
    runs = runs.flatMap((run) => values.map((value): Assignment[] => [...run, [path, value]]));
  }
  return runs;
}

function parseOverride(override: string): [string[], unknown[]] {
  const at = override.indexOf("=");
  const key = override.slice(0, at);
  if (at < 1 || !/^[A-Za-z]\w*(\.\w+)*$/u.test(key)) {
    throw new ConfigError(`override: expected key=value or a.b=value, found ${override}`);
  }
  const path = key.split(".");
  return [path, splitTopLevel(override.slice(at + 1)).map((text) => parseValue(text, override))];
}

function parseValue(text: string, override: string): unknown {
  try {
    return parseYaml(text);
  } catch (error) {
    throw new ConfigError(`override ${override}: the value is not YAML`, { cause: error });
  }
}

/** Splits at commas outside brackets, braces and quotes. */
function splitTopLevel(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let quote = "";
  let start = 0;
  for (let i = 0; i < text.length; i += 1) {
    const character = text[i];
    if (quote !== "") quote = character === quote ? "" : quote;
    else if (character === '"' || character === "'") quote = character;
    else if (character === "[" || character === "{") depth += 1;
    else if (character === "]" || character === "}") depth -= 1;
    else if (character === "," && depth === 0) {
      parts.push(text.slice(start, i));
      start = i + 1;
    }
  }
  return [...parts, text.slice(start)];
}

function readConfigFile(file: string): Record<string, unknown> {
  if (!existsSync(file)) throw new ConfigError(`config file ${file}: not found`);
  try {
    const tree: unknown = parseYaml(readFileSync(file, "utf8")) ?? {};
    if (isTree(tree)) return tree;
  } catch (error) {
    if (!(error instanceof YAMLParseError)) throw error;
    throw new ConfigError(`config file ${file}: ${error.message}`, { cause: error });
  }
  throw new ConfigError(`config file ${file}: expected a mapping of keys at the top`);
}

/** Sets `path` in the tree; a number in it is an entry of a list that the file holds. */
function assign(tree: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [key, ...rest] = path;
  if (rest.length === 0) {
    tree[key] = value;
    return;
  }
  const child = tree[key];
  if (Array.isArray(child)) {
    const entries: Record<string, unknown> = Object.fromEntries(child.entries());
    if (!Object.hasOwn(entries, rest[0])) {
      throw new ConfigError(
        `override: ${key} is a list of ${child.length} in the file, it has no entry ${rest[0]} (the first is ${key}.0)`,
      );
    }
    assign(entries, rest, value);
    tree[key] = Object.values(entries);
    return;
  }
  const branch = isTree(child) ? child : {};
  tree[key] = branch;
  assign(branch, rest, value);
}

function isTree(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function parseOrThrow<T extends z.ZodType>(schema: T, value: unknown, where: string): z.output<T> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path, message }) =>
    path.length === 0 ? message : `${path.join(".")}: ${message}`,
  );
  throw new ConfigError(`${where}: ${faults.join("; ")} (config show prints every key)`);
}

function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(deepFreeze);
  }
  return value;
}
