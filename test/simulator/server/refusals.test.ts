import { describe, expect, it } from "vitest";
import { serve } from "./server-under-test.ts";

const now = "2026-10-30T20:00";
const more = "If you want more data, please check other plans:https://jpx-jquants.com/#dataset";
const unknown =
  "The requested endpoint does not exist. Please check the URL, HTTP method, and API version:https://jpx-jquants.com/spec/";

async function message(
  plan: "free" | "light" | "standard" | "premium",
  path: string,
): Promise<[number, string | undefined]> {
  const { status, body } = await serve(now, { plan }).get(path);
  return [status, body.message];
}

describe("every error has its exact body", () => {
  it.each([
    ["/equities/bars/daily", "This API requires at least 1 parameter as follows; 'date','code'."],
    ["/markets/short-ratio", "This API requires at least 1 parameter as follows; 'date','s33'."],
    [
      "/markets/short-sale-report",
      "This API requires at least 1 parameter as follows; 'code','disc_date','calc_date'.",
    ],
    [
      "/derivatives/bars/daily/options/225",
      "This API requires at least 1 parameter as follows; 'date'.",
    ],
    ["/bulk/list", "This API requires at least 1 parameter as follows; 'endpoint','date'."],
    [
      "/equities/bars/daily?from=20260101&to=20260110",
      "This API requires at least 1 parameter as follows; 'date','code'.",
    ],
    ["/equities/bars/daily?code=130", "'code' must be 4 or 5 characters."],
    ["/equities/bars/daily?code=130100", "'code' must be 4 or 5 characters."],
    [
      "/bulk/list?endpoint=/edinet/major-shareholders",
      "This endpoint is not available for csv download",
    ],
    ["/bulk/get?endpoint=/td/list&date=2026-09", "This endpoint is not available for csv download"],
    [
      "/bulk/list?endpoint=/equities/earnings-calendar",
      "This endpoint is not available for csv download",
    ],
    ["/equities/bars/daily?code=13010&from=20260110&to=20260109", "'from' must be older than 'to'"],
    [
      "/equities/bars/daily?date=2016-09-20",
      `Your subscription covers the following dates: 2016-10-30 ~ . ${more}`,
    ],
    [
      "/equities/bars/daily?code=13010&from=2016-09-20",
      `Your subscription covers the following dates: 2016-10-30 ~ . ${more}`,
    ],
  ])("400 %s", async (path, text) => {
    expect(await message("standard", path)).toEqual([400, text]);
  });

  it.each(["20260230", "2026-13-01", "2026/01/05", "202601"])(
    "400 for %s, which is not a date",
    async (date) => {
      const [status] = await message("standard", `/equities/bars/daily?date=${date}`);
      expect(status).toBe(400);
    },
  );

  it.each([
    "/fins/earnings-date?code=13010&date=20260105",
    "/edinet/major-shareholders?code=13010&edinet_code=E12345",
    "/markets/margin-interest?published_date=20261001&date=20261001",
    "/bulk/list?endpoint=/equities/master&date=2026-09",
  ])("400 for parameters that exclude each other: %s", async (path) => {
    expect((await message("premium", path))[0]).toBe(400);
  });

  it("400 on Free names both ends of the window", async () => {
    const text = `Your subscription covers the following dates: 2024-08-07 ~ 2026-08-07. ${more}`;
    expect(await message("free", "/equities/bars/daily?date=20261001")).toEqual([400, text]);
    expect(await message("free", "/equities/bars/daily?date=20240806")).toEqual([400, text]);
    expect(await message("free", "/equities/master?date=20261001")).toEqual([400, text]);
  });

  it.each([
    ["free", "/equities/investor-types"],
    ["light", "/markets/margin-interest?date=20261002"],
    ["standard", "/fins/dividend?date=20261002"],
    ["standard", "/fins/summary?date=20261030&cursor=MQ"],
    ["light", "/bulk/get?endpoint=/markets/breakdown&date=2026-09"],
    ["free", "/bulk/list?endpoint=/equities/bars/daily"],
  ] as const)("403 on %s for %s", async (plan, path) => {
    const text = `This API is not available on your subscription.  ${more}`;
    expect(await message(plan, path)).toEqual([403, text]);
  });

  it("403 without the add-on", async () => {
    const server = serve(now, { addons: [] });
    for (const path of ["/td/list?date=20261029", "/equities/bars/minute?date=20261029"]) {
      const { status, body } = await server.get(path);
      expect([status, body.message]).toEqual([
        403,
        `This API is not available on your subscription.  ${more}`,
      ]);
    }
  });

  it.each(["/equities/trades", "/nothing", "/equities/master/", "/prices/daily_quotes"])(
    "403 for %s, which does not exist",
    async (path) => {
      expect(await message("premium", path)).toEqual([403, unknown]);
    },
  );

  it("403 for another method", async () => {
    const { app } = serve(now);
    const response = await app.inject({
      method: "POST",
      url: "/v2/equities/master",
      headers: { "x-api-key": "any" },
    });
    expect([response.statusCode, response.json()]).toEqual([403, { message: unknown }]);
  });

  it("403 Forbidden for every path of V1", async () => {
    const { get } = serve(now);
    for (const path of ["/v1/token/auth_user", "/v1/prices/daily_quotes?code=86970"]) {
      const { status, body } = await get(path);
      expect([status, body]).toEqual([403, { message: "Forbidden" }]);
    }
  });

  it("403 without a key, with a wrong one, and with a token instead", async () => {
    const { app } = serve(now, { apiKey: "right" });
    const ask = async (headers: Record<string, string>): Promise<string> =>
      (await app.inject({ url: "/v2/equities/master", headers })).json<{ message: string }>()
        .message;
    expect(await ask({})).toBe("The api key is required.");
    expect(await ask({ "x-api-key": "wrong" })).toBe("The incoming api key is invalid or expired.");
    expect(await ask({ authorization: "Bearer token" })).toMatch(/^Authorization header requires/);
    expect(await ask({ "x-api-key": "right" })).toBeUndefined();
  });

  it("210 for morning bars out of hours and of unknown codes", async () => {
    const text = "No content due to outside the target time or a stock code does not exist.";
    const early = await serve("2026-10-30T11:59").get("/equities/bars/daily/am");
    const other = await serve("2026-10-30T12:00").get("/equities/bars/daily/am?code=99999");
    for (const { status, body } of [early, other]) {
      expect([status, body]).toEqual([210, { message: text }]);
    }
  });

  it("413 when a fault says so", async () => {
    const { status, body } = await serve(now, { faults: [{ kind: "too-large" }] }).get(
      "/equities/investor-types",
    );
    const text =
      "Response data is too large. Specify parameters to reduce the acquired data range.";
    expect([status, body]).toEqual([413, { message: text }]);
  });

  it("500 when a fault says so", async () => {
    const { status, body } = await serve(now, { faults: [{ kind: "server-error" }] }).get(
      "/equities/master",
    );
    expect([status, body]).toEqual([500, { message: "Unexpected error. Please try again later." }]);
  });
});

describe("checks come in the order route, key, rate, plan, parameters, window", () => {
  it("an unknown route is refused before the key is looked at", async () => {
    const { app } = serve(now);
    const response = await app.inject("/v2/nothing");
    expect(response.json()).toEqual({ message: unknown });
  });

  it("a wrong key is refused without a request being counted", async () => {
    const server = serve(now, { plan: "free", rateLimits: true });
    for (let i = 0; i < 20; i += 1) {
      await server.get("/equities/master", { "x-api-key": "invalid" });
    }
    expect((await server.get("/equities/master")).status).toBe(200);
  });

  it("a request over the limit gets 429 even where its plan is too low", async () => {
    const server = serve(now, { plan: "free", rateLimits: true });
    const statuses: number[] = [];
    for (let i = 0; i < 6; i += 1) statuses.push((await server.get("/fins/dividend")).status);
    expect(statuses).toEqual([403, 403, 403, 403, 403, 429]);
  });

  it("a plan that is too low is refused before parameters are looked at", async () => {
    expect((await message("free", "/markets/short-ratio"))[0]).toBe(403);
  });

  it("a bad code is refused before its dates", async () => {
    const [, text] = await message("standard", "/equities/bars/daily?code=1&date=19990101");
    expect(text).toBe("'code' must be 4 or 5 characters.");
  });
});

describe("unknown parameters are ignored", () => {
  it("as the CLI's holidayDivision and contractFlag are", async () => {
    const { rows } = serve(now);
    const plain = await rows("/markets/calendar?from=20261001&to=20261031");
    expect(await rows("/markets/calendar?from=20261001&to=20261031&holidayDivision=1")).toEqual(
      plain,
    );
    expect(plain).toHaveLength(31);
  });
});
