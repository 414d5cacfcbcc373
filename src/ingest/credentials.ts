// The key, the address and the plan of the J-Quants subscription: from the environment or the official client's TOML file.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ConfigError } from "../errors.ts";
import type { Plan } from "../jquants/index.ts";

export interface CredentialSources {
  readonly JQUANTS_API_KEY?: string | undefined;
  readonly JQUANTS_BASE_URL?: string | undefined;
  readonly JQUANTS_PLAN?: Plan | undefined;
  /** Path of a TOML file, before the usual places. */
  readonly JQUANTS_API_CLIENT_CONFIG_FILE?: string | undefined;
  readonly HOME?: string | undefined;
}

export interface Credentials {
  readonly apiKey: string;
  readonly baseUrl: string;
  readonly plan: Plan;
}

export const defaultBaseUrl = "https://api.jquants.com/v2";

/** Key, address and plan. Throws ConfigError when no key is found, naming the places that were looked at. */
export function resolveCredentials(sources: CredentialSources): Credentials {
  return {
    apiKey: sources.JQUANTS_API_KEY ?? keyFromFiles(sources),
    baseUrl: sources.JQUANTS_BASE_URL ?? defaultBaseUrl,
    plan: sources.JQUANTS_PLAN ?? "standard",
  };
}

function keyFromFiles({ JQUANTS_API_CLIENT_CONFIG_FILE, HOME }: CredentialSources): string {
  const places = [
    JQUANTS_API_CLIENT_CONFIG_FILE,
    "jquants-api.toml",
    HOME === undefined ? undefined : join(HOME, ".jquants-api", "jquants-api.toml"),
  ].filter((place) => place !== undefined);
  for (const place of places) {
    const key = existsSync(place) ? keyOfToml(readFileSync(place, "utf8")) : undefined;
    if (key !== undefined) return key;
  }
  throw new ConfigError(
    `J-Quants: no API key in JQUANTS_API_KEY, ${places.join(", ")}; get one at https://jpx-jquants.com/dashboard/api-keys, or try the simulator: gogooku3 simulate`,
  );
}

/** `api_key` of the table `[jquants-api-client]`; the file holds nothing else that counts. */
function keyOfToml(text: string): string | undefined {
  const table = /^\s*\[jquants-api-client\]\s*$([^[]*)/mu.exec(text)?.[1] ?? "";
  return /^\s*api_key\s*=\s*["']([^"']+)["']/mu.exec(table)?.[1];
}
