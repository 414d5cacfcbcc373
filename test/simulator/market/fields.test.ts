import { describe, expect, test } from "vitest";
import { endpointOf, type Field } from "../../../src/jquants/index.ts";
import { allRows, makeMarket } from "./small-market.ts";

const market = await makeMarket({ from: "2020-09-28", to: "2020-10-30" });
const daily = await makeMarket({ from: "2026-08-03", to: "2026-10-30", stocks: 45 });

const markers: ReadonlyMap<unknown, string> = new Map<unknown, string>([
  [null, "null"],
  ["", '""'],
  ["-", "-"],
  ["*", "*"],
]);

/** Why a value breaks its field's declaration; undefined when it keeps it. */
function complaint(field: Field, value: unknown): string | undefined {
  const marker = markers.get(value);
  if (marker !== undefined && field.missing.some((known) => known === marker)) return undefined;
  const isRight: Record<string, boolean> = {
    string: typeof value === "string",
    date: typeof value === "string" && /^\d{4}-\d{2}-\d{2}$/.test(value),
    number: typeof value === "number" && Number.isFinite(value),
    decimal: typeof value === "string" && value !== "" && Number.isFinite(Number(value)),
    flag: value === "true" || value === "false",
    strings: Array.isArray(value),
    map: typeof value === "object" && value !== null,
    object: typeof value === "object" && value !== null,
    array: Array.isArray(value),
  };
  return isRight[field.type] === true
    ? undefined
    : `${field.name}: expected ${field.type}, found ${JSON.stringify(value)}`;
}

describe.each(market.paths)("%s", (path) => {
  const { fields, key } = endpointOf(path);
  const rows = [...allRows(market, path), ...allRows(daily, path)];

  test("has rows whose keys are those of the registry, typed or missing as it says", () => {
    expect(rows.length).toBeGreaterThan(0);
    const complaints = new Set<string>();
    for (const row of rows) {
      for (const field of fields.values()) {
        const found =
          field.name in row ? complaint(field, row[field.name]) : `${field.name} is absent`;
        if (found !== undefined) complaints.add(found);
      }
      for (const name of Object.keys(row)) {
        if (!fields.has(name)) complaints.add(`${name} is not in the registry`);
      }
    }
    expect([...complaints].slice(0, 10)).toEqual([]);
  });

  test("has no two rows of one key", () => {
    const keys = rows.map((row) => key.map((name) => row[name]).join("|"));
    const seen = new Set<string>();
    const repeated = keys.filter((value) => seen.size === seen.add(value).size);
    expect(repeated.slice(0, 3)).toEqual([]);
  });
});
