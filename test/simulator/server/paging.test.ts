import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { allRows, serve } from "./server-under-test.ts";

const now = "2026-10-30T20:00";
const path = "/equities/bars/daily?date=20261029";

describe("pages", () => {
  const server = serve(now, { pageBytes: 3000 });

  it("end before the limit of bytes and together hold every row once", async () => {
    const whole = await serve(now).rows(path);
    const paged = await allRows(server, path);
    expect(paged).toEqual(whole);
    const first = await server.get(path);
    expect(Buffer.byteLength(first.text)).toBeLessThan(3200);
    expect(first.body.data!.length).toBeLessThan(whole.length);
  });

  it("have another key each, and none on the last", async () => {
    const keys = new Set<string>();
    let key: string | undefined;
    let pages = 0;
    do {
      const next = key === undefined ? "" : `&pagination_key=${key}`;
      const { text, body } = await server.get(path + next);
      key = body.pagination_key;
      pages += 1;
      if (key === undefined) expect(text).not.toContain("pagination_key");
      else keys.add(key);
    } while (key !== undefined);
    expect(keys.size).toBe(pages - 1);
    expect(pages).toBeGreaterThan(3);
  });

  it("refuse the key of another query", async () => {
    const { body } = await server.get(path);
    const other = `/equities/bars/daily?date=20261028&pagination_key=${body.pagination_key}`;
    expect((await server.get(other)).status).toBe(400);
    expect((await server.get(`${path}&pagination_key=nonsense`)).status).toBe(400);
  });

  it("hold one row when a row alone is over the limit", async () => {
    const { body } = await serve(now, { pageBytes: 10 }).get(path);
    expect(body.data).toHaveLength(1);
  });

  it("are cut at five million bytes", async () => {
    const { text, body } = await serve(now).get("/equities/bars/minute?date=20261029");
    expect(body.pagination_key).toBeUndefined();
    expect(Buffer.byteLength(text)).toBeLessThan(5_000_100);
  });
});

describe("bodies", () => {
  it("are compressed when the client asks for it, and only then", async () => {
    const { app } = serve(now);
    const ask = (encoding: string) =>
      app.inject({
        url: `/v2${path}`,
        headers: { "x-api-key": "any", "accept-encoding": encoding },
      });
    const [plain, zipped] = [await ask("identity"), await ask("gzip, deflate")];
    expect(plain.headers["content-encoding"]).toBeUndefined();
    expect(zipped.headers["content-encoding"]).toBe("gzip");
    expect(gunzipSync(zipped.rawPayload).toString()).toBe(plain.body);
    expect(plain.headers["content-type"]).toMatch(/^application\/json/);
  });

  it("write whole numbers of prices and volumes as floats", async () => {
    const { text } = await serve(now).get(path);
    expect(text).toMatch(/"AdjFactor":1\.0,/);
    expect(text).toMatch(/"Vo":\d+\.0,/);
  });

  it("write values in thousand yen as integers", async () => {
    const { text } = await serve(now).get("/equities/investor-types?from=20261001");
    expect(text).toMatch(/"TotTot":\d+,/);
  });

  it("are the same bytes for the same seed", async () => {
    const texts = await Promise.all(
      [serve(now), serve(now)].map(async ({ get }) => (await get(path)).text),
    );
    expect(texts[0]).toBe(texts[1]);
  });
});
