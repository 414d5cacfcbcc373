// The J-Quants V2 client: budgets, paging, gzip, timeouts, retries, cancellation. One page at a time or all of them.

import { createWriteStream } from "node:fs";
import { stat } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { systemClock, type Clock } from "../clock.ts";
import { ConfigError, SourceError } from "../errors.ts";
import { createRng, type Rng } from "../rng.ts";
import type { RawRow } from "../lake/table-schema.ts";
import { answerError, messageOf } from "./answers.ts";
import { Concurrency } from "./concurrency.ts";
import { RateBucket, type WaitUntil } from "./rate-bucket.ts";
import { sleepUntil } from "./sleep.ts";

export type Parameters = Readonly<Record<string, string>>;

export interface Page {
  readonly rows: readonly RawRow[];
  /** The key of the next page; undefined on the last one. */
  readonly next: string | undefined;
  /** Bytes of the body after decompression. */
  readonly bytes: number;
}

export interface ClientOptions {
  readonly apiKey: string;
  /** With its version: https://api.jquants.com/v2 */
  readonly baseUrl: string;
  readonly plan: string;
  /** Requests a minute of the bucket an endpoint draws on; infinite switches the limit off. */
  readonly bucketOf: (path: string) => { readonly name: string; readonly perMinute: number };
  readonly clock?: Clock;
  readonly waitUntil?: WaitUntil;
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number;
  readonly downloadTimeoutMs?: number;
  readonly maxInFlight?: number;
  readonly rng?: Rng;
  readonly fetch?: typeof fetch;
}

export interface ClientStatistics {
  /** Requests sent by bucket, retries included. */
  readonly requests: Readonly<Record<string, number>>;
  readonly downloads: number;
  /** Bytes of JSON and of files received, after decompression of JSON. */
  readonly bytes: number;
  readonly retries: number;
  readonly refusals: number;
}

/** A simulator marks its answers with this header; the service does not send it. */
const simulatorHeader = "x-simulated";
const maxAttempts = 6;
const maxRefusals = 12;
const maxPages = 1000;
const maxEmptyPages = 20;

/** An answer's JSON and its length in characters. */
interface Body {
  readonly tree: unknown;
  readonly bytes: number;
}

type Attempt<T> =
  | { readonly done: true; readonly value: T }
  | {
      readonly done: false;
      readonly status: number;
      readonly error: SourceError;
      readonly afterMs: number;
    };

/** Holds the budgets of one key; share one client among all work that uses the key. */
export class JquantsClient {
  readonly #options: Required<Omit<ClientOptions, "signal">> & { signal: AbortSignal | undefined };
  readonly #buckets = new Map<string, RateBucket>();
  readonly #concurrency: Concurrency;
  #downloads = 0;
  #bytes = 0;
  #retries = 0;
  #refusals = 0;
  #isSimulated = false;

  constructor(options: ClientOptions) {
    if (options.apiKey === "") {
      throw new ConfigError("J-Quants: no API key; set JQUANTS_API_KEY, or write jquants-api.toml");
    }
    const clock = options.clock ?? systemClock;
    this.#options = {
      clock,
      waitUntil: sleepUntil(clock),
      timeoutMs: 30_000,
      downloadTimeoutMs: 300_000,
      maxInFlight: 8,
      rng: createRng("jquants-client"),
      fetch: globalThis.fetch,
      ...options,
      signal: options.signal,
      baseUrl: options.baseUrl.replace(/\/+$/u, ""),
    };
    this.#concurrency = new Concurrency(this.#options.maxInFlight);
  }

  get plan(): string {
    return this.#options.plan;
  }

  /** True once an answer came from a simulator: what is stored from it says so. */
  get isSimulated(): boolean {
    return this.#isSimulated;
  }

  statistics(): ClientStatistics {
    return {
      requests: Object.fromEntries(
        [...this.#buckets].map(([name, { requests }]) => [name, requests]),
      ),
      downloads: this.#downloads,
      bytes: this.#bytes,
      retries: this.#retries,
      refusals: this.#refusals,
    };
  }

  /** The body of one answer as it is: any path and parameters under the base URL, budgets and retries included. */
  async get(path: string, parameters: Parameters = {}): Promise<unknown> {
    return (await this.#fetchJson(path, parameters)).tree;
  }

  /** One page of an endpoint that answers `{"data": [...]}`. */
  async page(path: string, parameters: Parameters = {}): Promise<Page> {
    const { tree, bytes } = await this.#fetchJson(path, parameters);
    return toPage(path, tree, bytes);
  }

  /** All pages, first to last. Throws SourceError when they do not come to an end. */
  async *pages(path: string, parameters: Parameters = {}): AsyncGenerator<Page> {
    const seen = new Set<string>();
    let empty = 0;
    let page = await this.page(path, parameters);
    yield page;
    while (page.next !== undefined) {
      empty = page.rows.length === 0 ? empty + 1 : 0;
      if (seen.has(page.next)) throw endlessPages(path, "gave the same page key twice");
      if (empty > maxEmptyPages) throw endlessPages(path, `gave ${empty} empty pages in a row`);
      if (seen.size >= maxPages) throw endlessPages(path, `gave more than ${maxPages} pages`);
      seen.add(page.next);
      page = await this.page(path, { ...parameters, pagination_key: page.next });
      yield page;
    }
  }

  /** All rows of all pages. */
  async rows(path: string, parameters: Parameters = {}): Promise<RawRow[]> {
    const rows: RawRow[] = [];
    for await (const page of this.pages(path, parameters)) rows.push(...page.rows);
    return rows;
  }

  /**
   * Fetches a bulk file by its key into `file`: a signed URL, then the download without the key. A URL that expired
   * is asked for again. `size`, when given, is the expected number of bytes.
   */
  async download(key: string, file: string, size?: number): Promise<void> {
    const bucket = this.#bucket("/bulk/get");
    await this.#persist(`bulk file ${key}`, bucket, async () => {
      const answer = await this.get("/bulk/get", { key });
      return this.#attemptDownload(key, urlOf(answer, key), file, size);
    });
  }

  async #fetchJson(path: string, parameters: Parameters): Promise<Body> {
    const query = new URLSearchParams(parameters).toString();
    const url = `${this.#options.baseUrl}${path}${query === "" ? "" : `?${query}`}`;
    const bucket = this.#bucket(path);
    return this.#persist(path, bucket, () => this.#attemptJson(path, url, bucket));
  }

  /** Tries until success, a final answer or the last attempt. Refusals wait on the bucket, other failures back off. */
  async #persist<T>(
    what: string,
    bucket: RateBucket,
    attempt: () => Promise<Attempt<T>>,
  ): Promise<T> {
    let failures = 0;
    let refusals = 0;
    for (;;) {
      this.#options.signal?.throwIfAborted();
      const result = await attempt();
      if (result.done) {
        bucket.succeeded();
        this.#concurrency.succeeded();
        return result.value;
      }
      if (!result.error.retryable) throw result.error;
      this.#concurrency.struggled();
      this.#retries += 1;
      if (result.status === 429) {
        refusals += 1;
        this.#refusals += 1;
        bucket.refused(result.afterMs);
      } else {
        failures += 1;
        await this.#backOff(failures, result.afterMs);
      }
      if (failures >= maxAttempts || refusals >= maxRefusals) {
        throw new SourceError(
          `${what}: gave up after ${failures + refusals} attempts: ${result.error.message}`,
          { endpoint: what, status: result.status, attempt: failures + refusals, retryable: true },
          { cause: result.error },
        );
      }
    }
  }

  async #backOff(failures: number, afterMs: number): Promise<void> {
    const { clock, rng, waitUntil, signal } = this.#options;
    const backOff = 500 * 2 ** failures * (0.5 + rng.uniform());
    await waitUntil(clock.nowMs() + Math.max(afterMs, Math.min(30_000, backOff)), signal);
  }

  async #attemptJson(path: string, url: string, bucket: RateBucket): Promise<Attempt<Body>> {
    for (;;) {
      await bucket.ready(this.#options.signal);
      // The budget is counted when the request leaves, not when it begins to wait for a place.
      const attempt = await this.#concurrency.run(async () =>
        bucket.tryTake() ? this.#sendJson(path, url) : undefined,
      );
      if (attempt !== undefined) return attempt;
    }
  }

  async #sendJson(path: string, url: string): Promise<Attempt<Body>> {
    try {
      const response = await this.#options.fetch(url, {
        headers: { "x-api-key": this.#options.apiKey, "accept-encoding": "gzip" },
        signal: this.#deadline(this.#options.timeoutMs),
      });
      if (response.headers.has(simulatorHeader)) this.#isSimulated = true;
      const body = await response.text();
      this.#bytes += body.length;
      if (response.status === 210)
        return { done: true, value: { tree: { data: [] }, bytes: body.length } };
      if (!response.ok) return this.#failed(path, response, body);
      return { done: true, value: { tree: parseBody(body), bytes: body.length } };
    } catch (error) {
      return this.#broken(path, error);
    }
  }

  async #attemptDownload(
    key: string,
    url: string,
    file: string,
    size: number | undefined,
  ): Promise<Attempt<void>> {
    return this.#concurrency.run(async () => {
      try {
        const signal = this.#deadline(this.#options.downloadTimeoutMs);
        const response = await this.#options.fetch(url, { signal });
        this.#downloads += 1;
        if (!response.ok || response.body === null) {
          const error = answerError({
            endpoint: `bulk file ${key}`,
            status: response.status,
            message: messageOf(await response.text()),
            attempt: 1,
            plan: this.plan,
          });
          // The storage answers 403 for an expired or used URL: a fresh one mends it.
          const retry = new SourceError(error.message, {
            endpoint: key,
            status: response.status,
            retryable: true,
          });
          return { done: false, status: response.status, error: retry, afterMs: 0 };
        }
        await pipeline(Readable.fromWeb(response.body), createWriteStream(file));
        const found = (await stat(file)).size;
        this.#bytes += found;
        if (size !== undefined && found !== size) {
          throw new SourceError(`bulk file ${key}: expected ${size} bytes, found ${found}`, {
            endpoint: key,
            retryable: true,
          });
        }
        return { done: true, value: undefined };
      } catch (error) {
        return this.#broken(`bulk file ${key}`, error);
      }
    });
  }

  #failed(path: string, response: Response, body: string): Attempt<never> {
    const { status } = response;
    const error = answerError({
      endpoint: path,
      status,
      message: messageOf(body),
      attempt: 1,
      plan: this.plan,
    });
    return {
      done: false,
      status,
      error,
      afterMs: retryAfterMs(response.headers.get("retry-after")),
    };
  }

  #broken(path: string, cause: unknown): Attempt<never> {
    this.#options.signal?.throwIfAborted();
    const reason = cause instanceof Error ? describeCause(cause) : String(cause);
    const error = new SourceError(
      `${path}: no whole answer (${reason}); way out: check the connection and run it again, it goes on where it stopped`,
      { endpoint: path, retryable: true },
      { cause },
    );
    return { done: false, status: 0, error, afterMs: 0 };
  }

  #deadline(timeoutMs: number): AbortSignal {
    const timeout = AbortSignal.timeout(timeoutMs);
    const { signal } = this.#options;
    return signal === undefined ? timeout : AbortSignal.any([signal, timeout]);
  }

  #bucket(path: string): RateBucket {
    const { name, perMinute } = this.#options.bucketOf(path);
    const held = this.#buckets.get(name);
    if (held !== undefined) return held;
    const { clock, waitUntil, rng } = this.#options;
    const bucket = new RateBucket({ perMinute, clock, waitUntil, rng: rng.split(name) });
    this.#buckets.set(name, bucket);
    return bucket;
  }
}

function endlessPages(path: string, what: string): SourceError {
  return new SourceError(`${path}: the service ${what}; run it again`, {
    endpoint: path,
    retryable: true,
  });
}

function parseBody(body: string): unknown {
  const tree: unknown = JSON.parse(body);
  return tree;
}

function toPage(path: string, tree: unknown, bytes: number): Page {
  if (typeof tree !== "object" || tree === null || !("data" in tree) || !Array.isArray(tree.data)) {
    throw new SourceError(
      `${path}: expected {"data": [...]}, found another body; is JQUANTS_BASE_URL right?`,
      {
        endpoint: path,
      },
    );
  }
  const key = "pagination_key" in tree ? tree.pagination_key : undefined;
  const rows: RawRow[] = tree.data;
  return { rows, next: typeof key === "string" && key !== "" ? key : undefined, bytes };
}

function urlOf(tree: unknown, key: string): string {
  if (typeof tree === "object" && tree !== null && "url" in tree && typeof tree.url === "string") {
    return tree.url;
  }
  throw new SourceError(`/bulk/get: expected a url for ${key}, found none`, {
    endpoint: "/bulk/get",
  });
}

function retryAfterMs(header: string | null): number {
  const seconds = header === null ? Number.NaN : Number(header);
  return Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : 0;
}

function describeCause(error: Error): string {
  const inner = error.cause instanceof Error ? `: ${error.cause.message}` : "";
  return `${error.message}${inner}`;
}
