import { connect } from "node:net";
import type { AddressInfo } from "node:net";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { parseFaultList, parseFaults } from "../../../src/simulator/server/faults.ts";
import { allRows, serve } from "./server-under-test.ts";

const now = "2026-10-30T20:00";
const path = "/equities/bars/daily?date=20261029";

describe("faults of answers", () => {
  it.each([
    ["rate-limit", 429],
    ["empty-429", 429],
    ["server-error", 500],
    ["bad-gateway", 502],
    ["unavailable", 503],
  ] as const)("%s answers %i as often as asked, then no more", async (kind, status) => {
    const server = serve(now, { faults: [{ kind, count: 2 }] });
    const statuses: number[] = [];
    for (let i = 0; i < 3; i += 1) statuses.push((await server.get(path)).status);
    expect(statuses).toEqual([status, status, 200]);
  });

  it("an empty 429 has no body", async () => {
    const server = serve(now, { faults: [{ kind: "empty-429" }] });
    expect((await server.get(path)).text).toBe("");
  });

  it("strike one endpoint, or every n-th answer, when asked to", async () => {
    const server = serve(now, {
      faults: [{ kind: "server-error", path: "/equities/bars/daily", count: 2, every: 2 }],
    });
    const statuses: number[] = [];
    for (const each of [path, "/equities/master", path, path, path, path]) {
      statuses.push((await server.get(each)).status);
    }
    expect(statuses).toEqual([200, 200, 500, 200, 500, 200]);
  });

  it("can be armed and cleared while the server runs", async () => {
    const server = serve(now);
    expect(await server.control("faults", [{ kind: "unavailable", count: 5 }])).toBe(200);
    expect((await server.get(path)).status).toBe(503);
    await server.app.inject({ method: "DELETE", url: "/__sim/faults" });
    expect((await server.get(path)).status).toBe(200);
    expect(await server.control("faults", { kind: "earthquake" })).toBe(400);
  });

  it("a duplicated page brings rows twice, and then goes on", async () => {
    const server = serve(now, { pageBytes: 3000, faults: [{ kind: "duplicate-page" }] });
    const rows = await allRows(server, path);
    const whole = await serve(now).rows(path);
    const codes = rows.map((row) => row["Code"]);
    expect(rows.length).toBeGreaterThan(whole.length);
    expect([...new Set(codes)]).toEqual(whole.map((row) => row["Code"]));
    expect(codes[0]).toBe(codes[rows.length - whole.length]);
  });

  it("an empty page has a key that leads on", async () => {
    const server = serve(now, { faults: [{ kind: "empty-page" }] });
    const first = await server.get(path);
    expect(first.body.data).toEqual([]);
    expect(first.body.pagination_key).toBeTypeOf("string");
    const rows = await server.rows(`${path}&pagination_key=${first.body.pagination_key}`);
    expect(rows).toEqual(await serve(now).rows(path));
  });
});

describe("faults of rows", () => {
  it("late rows come later by the minutes asked for", async () => {
    const server = serve("2026-10-29T17:29", {
      faults: [{ kind: "late", path: "/equities/bars/daily", minutes: 60 }],
    });
    expect(await server.rows(path)).toEqual([]);
    server.clock.advance(60_000);
    expect((await server.rows(path)).length).toBeGreaterThan(0);
  });

  it("corrected rows have their new values from then on", async () => {
    const server = serve(now);
    const [before, other] = await server.rows(path);
    await server.control("faults", {
      kind: "correct",
      path: "/equities/bars/daily",
      where: { Date: "2026-10-29", Code: before["Code"] },
      set: { Vo: 42 },
    });
    const [after, untouched] = await server.rows(path);
    expect(after).toEqual({ ...before, Vo: 42 });
    expect(untouched).toEqual(other);
  });
});

describe("faults of the connection", () => {
  async function ask(kind: "drop" | "truncate"): Promise<Buffer> {
    const { app } = serve(now, { faults: [{ kind }] });
    await app.listen({ port: 0, host: "127.0.0.1" });
    const { port } = app.server.address() as AddressInfo;
    return await new Promise((done, fail) => {
      const chunks: Buffer[] = [];
      const socket = connect(port, "127.0.0.1");
      socket.on("data", (chunk) => chunks.push(Buffer.from(chunk)));
      socket.on("close", () => done(Buffer.concat(chunks)));
      socket.on("error", fail);
      socket.write(
        `GET /v2${path} HTTP/1.1\r\nhost: x\r\nx-api-key: any\r\naccept-encoding: gzip\r\n\r\n`,
      );
    });
  }

  it("a dropped connection ends without a byte", async () => {
    expect((await ask("drop")).length).toBe(0);
  });

  it("a truncated body ends in the middle of what was announced", async () => {
    const bytes = await ask("truncate");
    const split = bytes.indexOf("\r\n\r\n") + 4;
    const announced = Number(
      /content-length: (\d+)/i.exec(bytes.subarray(0, split).toString())?.[1],
    );
    const body = bytes.subarray(split);
    expect(body.length).toBe(Math.floor(announced / 2));
    expect(() => gunzipSync(body)).toThrow();
  });

  it("a slow answer takes its time", async () => {
    const server = serve(now, { faults: [{ kind: "slow", ms: 60 }] });
    const start = performance.now();
    await server.get(path);
    expect(performance.now() - start).toBeGreaterThan(55);
  });
});

describe("parseFaultList", () => {
  it("reads kinds with counts, and JSON", () => {
    expect(parseFaultList("rate-limit=5,drop")).toEqual([
      { kind: "rate-limit", count: 5 },
      { kind: "drop" },
    ]);
    expect(parseFaultList('{"kind":"late","path":"/fins/summary","minutes":30}')).toHaveLength(1);
  });

  it("refuses what it does not know", () => {
    expect(() => parseFaultList("flood=3")).toThrow(/faults:/);
    expect(() => parseFaultList("drop=many")).toThrow(/faults:/);
    expect(() => parseFaultList("{oops")).toThrow(/not JSON/);
    expect(() => parseFaults({ kind: "drop", depth: 3 })).toThrow(/faults:/);
  });
});

describe("the simulator about itself", () => {
  it("says that its data are synthetic, and of which seed", async () => {
    const { get } = serve(now);
    const { body } = await get("/__sim");
    expect(body).toMatchObject({
      now: "2026-10-30T20:00:00+09:00",
      plan: "premium",
      synthetic: true,
      market: { seed: 7, stocks: 50 },
    });
  });

  it("gives the CLI's login a key", async () => {
    const { app } = serve(now);
    const response = await app.inject({ method: "POST", url: "/v2/cli/api-key" });
    expect(response.json()).toEqual({ apiKey: "simulated" });
  });
});
