import { describe, expect, it } from "vitest";
import { serve, type ServerUnderTest } from "./server-under-test.ts";

const now = "2026-10-30T20:00";

async function burst(server: ServerUnderTest, path: string, count: number): Promise<number> {
  let passed = 0;
  for (let i = 0; i < count; i += 1) {
    if ((await server.get(path)).status === 200) passed += 1;
  }
  return passed;
}

describe("rate limits", () => {
  const master = "/equities/master?code=13000&date=20260807";

  it.each([
    ["free", 5],
    ["light", 60],
    ["standard", 120],
  ] as const)("give %s %i requests a minute", async (plan, limit) => {
    const server = serve(now, { plan, rateLimits: true });
    expect(await burst(server, master, limit + 3)).toBe(limit);
    const { status, body } = await server.get(master);
    expect([status, body.message]).toEqual([429, "Rate limit exceeded. Please try again later."]);
  });

  it("give a request back sixty seconds after it was made", async () => {
    const server = serve(now, { plan: "free", rateLimits: true });
    await burst(server, master, 2);
    server.wallClock.advance(30_000);
    await burst(server, master, 3);
    expect(await burst(server, master, 1)).toBe(0);
    server.wallClock.advance(30_000);
    expect(await burst(server, master, 4)).toBe(2);
  });

  it("count statements in a bucket of their own", async () => {
    const server = serve(now, { plan: "standard", rateLimits: true });
    expect(await burst(server, "/fins/summary?date=20261029", 62)).toBe(60);
    expect(await burst(server, master, 122)).toBe(120);
  });

  it("count add-ons in buckets of their own", async () => {
    const server = serve(now, { plan: "light", rateLimits: true });
    expect(await burst(server, "/td/list?date=20261029", 101)).toBe(100);
    expect(await burst(server, "/equities/bars/minute?code=13000&date=20261029", 61)).toBe(60);
    expect(await burst(server, master, 61)).toBe(60);
  });

  it("block for five minutes those who go on regardless", async () => {
    const server = serve(now, { plan: "free", rateLimits: true });
    await burst(server, master, 5 + 10);
    server.wallClock.advance(299_000);
    expect(await burst(server, master, 1)).toBe(0);
    server.wallClock.advance(1_000);
    expect(await burst(server, master, 1)).toBe(1);
  });

  it("do not block who stops after a few refusals", async () => {
    const server = serve(now, { plan: "free", rateLimits: true });
    await burst(server, master, 5 + 3);
    server.wallClock.advance(60_000);
    expect(await burst(server, master, 5)).toBe(5);
  });

  it("can be switched off", async () => {
    expect(await burst(serve(now, { plan: "free" }), master, 30)).toBe(30);
  });

  it("send no Retry-After and no other header about limits", async () => {
    const server = serve(now, { plan: "free", rateLimits: true });
    await burst(server, master, 5);
    const { headers } = await server.app.inject({
      url: `/v2${master}`,
      headers: { "x-api-key": "any" },
    });
    expect(Object.keys(headers).filter((name) => /retry|ratelimit/i.test(name))).toEqual([]);
  });
});
