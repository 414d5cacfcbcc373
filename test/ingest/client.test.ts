// The client: pages, retries, budgets, errors with their way out, and what never leaves it.

import { gzipSync } from "node:zlib";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ManualClock } from "../../src/clock.ts";
import { ConfigError, SourceError } from "../../src/errors.ts";
import { JquantsClient, type ClientOptions } from "../../src/ingest/client.ts";
import { resolveCredentials } from "../../src/ingest/credentials.ts";
import { limitOf } from "../../src/ingest/limits.ts";
import { RateBucket } from "../../src/ingest/rate-bucket.ts";
import { sleepUntil } from "../../src/ingest/sleep.ts";
import { createRng } from "../../src/rng.ts";
import { useHome } from "./scratch.ts";

const home = useHome();

interface Scripted {
  readonly client: JquantsClient;
  readonly urls: string[];
  readonly clock: ManualClock;
}

/** A client whose requests are answered by `answers` in turn, the last one again and again. */
function scripted(
  answers: readonly (() => Response | Promise<Response>)[],
  options: Partial<ClientOptions> = {},
): Scripted {
  const urls: string[] = [];
  const clock = new ManualClock(1_700_000_000_000);
  const client = new JquantsClient({
    apiKey: "secret-key",
    baseUrl: "https://api.test/v2/",
    plan: "standard",
    bucketOf: limitOf("standard"),
    clock,
    fetch: async (input) => {
      urls.push(input instanceof Request ? input.url : String(input));
      return answers[Math.min(urls.length, answers.length) - 1]();
    },
    ...options,
  });
  return { client, urls, clock };
}

const rows =
  (data: unknown[], next?: string): (() => Response) =>
  () =>
    Response.json(next === undefined ? { data } : { data, pagination_key: next });
const says =
  (status: number, message: string, headers = {}): (() => Response) =>
  () =>
    Response.json({ message }, { status, headers });

describe("paging", () => {
  it("repeats the query with each page's key until a page has none", async () => {
    const { client, urls } = scripted([rows([{ a: 1 }], "k1"), rows([], "k2"), rows([{ a: 2 }])]);
    expect(await client.rows("/equities/bars/daily", { date: "2024-01-04" })).toEqual([
      { a: 1 },
      { a: 2 },
    ]);
    expect(urls.map((url) => new URL(url).search)).toEqual([
      "?date=2024-01-04",
      "?date=2024-01-04&pagination_key=k1",
      "?date=2024-01-04&pagination_key=k2",
    ]);
  });

  it("stops when a page key repeats instead of asking forever", async () => {
    const { client } = scripted([rows([], "k1")]);
    await expect(client.rows("/equities/master")).rejects.toThrow("the same page key twice");
  });

  it("stops after twenty empty pages in a row, and after a thousand pages", async () => {
    const empty = Array.from({ length: 40 }, (_, page) => rows([], `k${page}`));
    const run = scripted(empty, { bucketOf: limitOf("standard", true) });
    await expect(run.client.rows("/equities/master")).rejects.toThrow("21 empty pages in a row");
    const full = Array.from({ length: 1010 }, (_, page) => rows([{ a: page }], `k${page}`));
    const long = scripted(full, { bucketOf: limitOf("standard", true) });
    await expect(long.client.rows("/equities/master")).rejects.toThrow("more than 1000 pages");
  });

  it("takes an empty page key as the end and 210 as no rows", async () => {
    expect(await scripted([rows([{ a: 1 }], "")]).client.rows("/equities/master")).toHaveLength(1);
    const { client } = scripted([says(210, "No content")]);
    expect(await client.rows("/equities/bars/daily/am")).toEqual([]);
  });
});

describe("retries", () => {
  it("tries 5xx, broken connections and cut bodies again, with growing pauses", async () => {
    const cut = (): Response => new Response('{"data": [', { status: 200 });
    const dropped = (): Promise<Response> => Promise.reject(new TypeError("fetch failed"));
    const { client, urls, clock } = scripted([
      says(500, "x"),
      dropped,
      cut,
      says(503, "x"),
      rows([{ a: 1 }]),
    ]);
    const before = clock.nowMs();
    expect(await client.rows("/equities/master")).toEqual([{ a: 1 }]);
    expect(urls).toHaveLength(5);
    expect(clock.nowMs() - before).toBeGreaterThan(5_000);
    expect(client.statistics().retries).toBe(4);
  });

  it("gives up after six failures and says that a rerun goes on", async () => {
    const { client, urls } = scripted([says(502, "bad gateway")]);
    await expect(client.rows("/equities/master")).rejects.toThrow(/gave up after 6 attempts/);
    expect(urls).toHaveLength(6);
  });

  it("pauses the whole bucket after a 429, honours Retry-After, and waits five minutes after three in a row", async () => {
    const refused = says(429, "Rate limit exceeded. Please try again later.");
    const { client, clock } = scripted([
      says(429, "", { "retry-after": "45" }),
      refused,
      refused,
      refused,
      rows([{ a: 1 }]),
    ]);
    const before = clock.nowMs();
    await client.rows("/equities/master");
    expect(clock.nowMs() - before).toBeGreaterThanOrEqual(45_000 + 300_000);
    expect(client.statistics().refusals).toBe(4);
  });

  it("never tries 400 and 403 again", async () => {
    for (const status of [400, 403]) {
      const { client, urls } = scripted([says(status, "no")]);
      await expect(client.rows("/equities/master")).rejects.toBeInstanceOf(SourceError);
      expect(urls).toHaveLength(1);
    }
  });

  it("ends at once when it is cancelled", async () => {
    const controller = new AbortController();
    controller.abort();
    const { client, urls } = scripted([rows([])], { signal: controller.signal });
    await expect(client.rows("/equities/master")).rejects.toThrow(/abort/i);
    expect(urls).toEqual([]);
  });
});

describe("errors", () => {
  it("give each 403 its own way out, and none of them the key", async () => {
    const cases: readonly (readonly [string, string])[] = [
      ["The api key is required.", "set JQUANTS_API_KEY"],
      ["The incoming api key is invalid or expired.", "dashboard/api-keys"],
      ["This API is not available on your subscription.  If you want more data", "JQUANTS_PLAN"],
      ["The requested endpoint does not exist. Please check the URL", "JQUANTS_BASE_URL"],
      ["Forbidden", "V1 was closed"],
    ];
    for (const [message, wayOut] of cases) {
      const { client } = scripted([says(403, message)]);
      const error: unknown = await client
        .rows("/equities/master")
        .catch((thrown: unknown) => thrown);
      expect(String(error)).toContain(message);
      expect(String(error)).toContain(wayOut);
      expect(JSON.stringify(error) + String(error)).not.toContain("secret-key");
    }
  });

  it("name the window that the plan covers", async () => {
    const text = "Your subscription covers the following dates: 2016-09-21 ~ .";
    await expect(scripted([says(400, text)]).client.rows("/equities/master")).rejects.toThrow(
      /2016-09-21 ~ .*ask for dates inside that window/s,
    );
  });
});

describe("a budget", () => {
  it("never lets more than nine tenths of the published limit into any minute", async () => {
    const clock = new ManualClock(0);
    const bucket = new RateBucket({
      perMinute: 60,
      clock,
      waitUntil: sleepUntil(clock),
      rng: createRng(1),
    });
    const sent: number[] = [];
    for (let i = 0; i < 200; i += 1) {
      await bucket.ready();
      expect(bucket.tryTake()).toBe(true);
      sent.push(clock.nowMs());
      clock.advance(100);
    }
    for (const start of sent) {
      expect(sent.filter((at) => at >= start && at < start + 60_000).length).toBeLessThanOrEqual(
        54,
      );
    }
    expect(clock.nowMs()).toBeLessThan(4 * 60_000);
  });

  it("keeps at most eight requests in flight and fewer after failures", async () => {
    let inFlight = 0;
    let most = 0;
    const { client } = scripted([
      async () => {
        inFlight += 1;
        most = Math.max(most, inFlight);
        await new Promise((resolve) => setImmediate(resolve));
        inFlight -= 1;
        return Response.json({ data: [] });
      },
    ]);
    await Promise.all(Array.from({ length: 100 }, () => client.page("/equities/master")));
    expect(most).toBeGreaterThan(4);
    expect(most).toBeLessThanOrEqual(8);
  });
});

describe("a bulk download", () => {
  const bytes = gzipSync("Date,Code\n2024-01-04,13010\n");
  const url = (): Response =>
    Response.json({ url: "https://storage.test/file.csv.gz?X-Amz-Signature=s" });

  it("asks for a fresh URL when one expired, sends no key to the storage, and checks the size", async () => {
    const expired = (): Response =>
      new Response("<Error><Message>Request has expired</Message></Error>", { status: 403 });
    const { client, urls } = scripted([
      url,
      expired,
      url,
      () => new Response(bytes.subarray(3)),
      url,
      () => new Response(bytes),
    ]);
    const file = join(home(), "a.gz");
    await client.download("equities/master/x_202401.csv.gz", file, bytes.length);
    expect(Buffer.from(await readFile(file))).toEqual(bytes);
    expect(urls.filter((each) => each.includes("/bulk/get"))).toHaveLength(3);
  });

  it("never names a signed URL in its error", async () => {
    const gone = (): Response =>
      new Response("<Error><Message>Access Denied</Message></Error>", { status: 403 });
    const { client } = scripted([url, gone, url, gone, url, gone, url, gone, url, gone, url, gone]);
    const error: unknown = await client
      .download("equities/master/x_202401.csv.gz", join(home(), "b.gz"), 1)
      .catch((thrown: unknown) => thrown);
    expect(String(error)).toContain("Access Denied");
    expect(String(error)).not.toContain("X-Amz");
  });
});

describe("credentials", () => {
  it("come from the environment or from the official client's TOML file", async () => {
    const file = join(home(), "jquants-api.toml");
    await writeFile(file, '[other]\napi_key = "no"\n[jquants-api-client]\napi_key = "from-file"\n');
    expect(resolveCredentials({ JQUANTS_API_CLIENT_CONFIG_FILE: file }).apiKey).toBe("from-file");
    expect(
      resolveCredentials({ JQUANTS_API_KEY: "env", JQUANTS_API_CLIENT_CONFIG_FILE: file }).apiKey,
    ).toBe("env");
    expect(resolveCredentials({ JQUANTS_API_KEY: "env" })).toMatchObject({
      baseUrl: "https://api.jquants.com/v2",
      plan: "standard",
    });
  });

  it("are an error with the places that were looked at when there are none", () => {
    expect(() => resolveCredentials({ HOME: home() })).toThrow(ConfigError);
    expect(() => resolveCredentials({ HOME: home() })).toThrow(
      /JQUANTS_API_KEY.*jquants-api\.toml/,
    );
  });
});
