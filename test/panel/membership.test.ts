import { expect, test } from "vitest";
import { membersOn, membership, Panel, setMembership } from "../../src/panel/index.ts";

// 13010 is listed throughout and does not trade on day 11; 13020 is delisted after day 11; 130A0 comes on day 12;
// 13030 has prices but no listing.
function memberPanel(): Panel {
  const panel = new Panel([10, 11, 12], ["13010", "13020", "13030", "130A0"]);
  const gap = Number.NaN;
  panel.addColumn("close", "f64").set([1, gap, 3, 4, 5, 6, 7, 8, 9, gap, gap, 12]);
  setMembership(
    panel,
    [
      { code: "13010", from: 0, to: 99 },
      { code: "13020", from: 0, to: 11 },
      { code: "130A0", from: 12, to: 99 },
      { code: "99990", from: 0, to: 99 },
    ],
    { price: "close" },
  );
  return panel;
}

function codesOn(panel: Panel, dateIndex: number, flags: number): string[] {
  return Array.from(membersOn(panel, dateIndex, flags), (code) => panel.codes[code]);
}

test("the members of a date are the codes listed on it, delisted codes included while they lived", () => {
  const panel = memberPanel();
  expect(codesOn(panel, 0, membership.listed)).toEqual(["13010", "13020"]);
  expect(codesOn(panel, 1, membership.listed)).toEqual(["13010", "13020"]);
  expect(codesOn(panel, 2, membership.listed)).toEqual(["13010", "130A0"]);
});

test("a code without a price that day is listed and did not trade; a price without a listing is no member", () => {
  const panel = memberPanel();
  expect(codesOn(panel, 1, membership.traded)).toEqual(["13020"]);
  expect(codesOn(panel, 2, membership.listed | membership.traded)).toEqual(["13010", "130A0"]);
});

test("membership of a date does not change when later prices and listings do", () => {
  const before = memberPanel();
  const after = memberPanel();
  after.float64("close").set([Number.NaN], 2);
  setMembership(
    after,
    [
      { code: "13010", from: 0, to: 11 },
      { code: "13020", from: 0, to: 11 },
    ],
    {
      price: "close",
    },
  );
  for (const date of [0, 1]) {
    expect(membersOn(after, date, membership.traded)).toEqual(
      membersOn(before, date, membership.traded),
    );
  }
  expect(codesOn(after, 2, membership.listed)).toEqual([]);
});

test("membership needs a price of floats", () => {
  const panel = new Panel([10], ["13010"]);
  panel.addColumn("sector", "i32");
  expect(() => setMembership(panel, [], { price: "sector" })).toThrow(
    "expected sector to hold floats, found Int32Array",
  );
});
