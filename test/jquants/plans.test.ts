import { describe, expect, it } from "vitest";
import { epochDay, isoDate } from "../../src/calendar/index.ts";
import { allows, bucketLimit, endpointOf, planWindow, plans } from "../../src/jquants/index.ts";

const today = epochDay("2026-11-20");

describe("planWindow", () => {
  it.each([
    ["light", "2021-11-20"],
    ["standard", "2016-11-20"],
    ["premium", "2006-11-20"],
  ] as const)("of %s reaches back to %s and has no end", (plan, from) => {
    const { fromDay, toDay } = planWindow(plan, today);
    expect([isoDate(fromDay), toDay]).toEqual([from, null]);
  });

  it("of Free ends twelve weeks ago and lasts two years", () => {
    const { fromDay, toDay } = planWindow("free", today);
    expect([isoDate(fromDay), isoDate(toDay!)]).toEqual(["2024-08-28", "2026-08-28"]);
  });

  it("of an add-on is the add-on's own", () => {
    expect(isoDate(planWindow("premium", today, "minute").fromDay)).toBe("2024-11-20");
    expect(isoDate(planWindow("free", today, "td").fromDay)).toBe("2021-11-20");
  });

  it("on 29 February begins on 28 February of a common year", () => {
    expect(isoDate(planWindow("light", epochDay("2028-02-29")).fromDay)).toBe("2023-02-28");
  });
});

describe("bucketLimit", () => {
  it("is the plan's for the plan bucket", () => {
    expect(plans.map((plan) => bucketLimit(plan, "plan"))).toEqual([5, 60, 120, 500]);
  });

  it("of statements is sixty on every paid plan and five on Free", () => {
    expect(plans.map((plan) => bucketLimit(plan, "fins-summary"))).toEqual([5, 60, 60, 60]);
  });

  it("of add-ons is the add-on's", () => {
    expect([bucketLimit("light", "minute"), bucketLimit("free", "td")]).toEqual([60, 100]);
  });
});

describe("allows", () => {
  it.each([
    ["/equities/bars/daily", ["free", "light", "standard", "premium"]],
    ["/equities/investor-types", ["light", "standard", "premium"]],
    ["/markets/margin-interest", ["standard", "premium"]],
    ["/fins/dividend", ["premium"]],
  ])("gives %s to %j", (path, expected) => {
    expect(plans.filter((plan) => allows(plan, endpointOf(path)))).toEqual(expected);
  });
});
