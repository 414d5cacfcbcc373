// Rows as the API writes them: keys in the registry's order, whole numbers as floats, only the plan's fields.

import { SchemaError } from "../../errors.ts";
import { plans, type Endpoint, type Field, type Plan } from "../../jquants/index.ts";
import type { FieldValue, MarketRow } from "../market/types.ts";

export type RowWriter = (row: MarketRow) => string;

/** Data sets whose whole numbers come as integers; all others write 2047 as 2047.0. */
const integerEndpoints: ReadonlySet<string> = new Set([
  "/equities/investor-types",
  "/markets/short-sale-report",
  "/edinet/major-shareholders",
  "/edinet/cross-shareholdings",
  "/edinet/large-volume-shareholders",
  "/td/list",
]);

/** Counts that come as integers within a data set of floats. */
const integerFields: ReadonlySet<string> = new Set(["TradingVolume"]);

/** The fields of `endpoint` that `plan` is served. */
export function servedFields(endpoint: Endpoint, plan: Plan): readonly Field[] {
  return [...endpoint.fields.values()].filter((field) => includes(plan, field));
}

export function includes(plan: Plan, field: Field): boolean {
  return plans.indexOf(plan) >= plans.indexOf(field.plan);
}

/** A function that writes one row as a JSON object. It throws SchemaError for a row that lacks a field. */
export function rowWriter(endpoint: Endpoint, plan: Plan): RowWriter {
  const names = servedFields(endpoint, plan).map(({ name }) => name);
  const prefixes = names.map((name, i) => `${i === 0 ? "{" : ","}${JSON.stringify(name)}:`);
  const numbers = names.map((name) => numberWriter(endpoint, name));
  return (row) => {
    let text = "";
    for (let i = 0; i < names.length; i += 1) {
      const value = row[names[i]];
      if (value === undefined) {
        throw new SchemaError(`${endpoint.path}: expected ${names[i]} in every row, found none`);
      }
      text += prefixes[i] + writeValue(value, numbers[i]);
    }
    return `${text}}`;
  };
}

/** How `endpoint` writes the numbers of a field, in JSON and in CSV. */
export function numberWriter({ path }: Endpoint, field: string): (value: number) => string {
  return integerEndpoints.has(path) || integerFields.has(field) ? String : writeFloat;
}

function writeFloat(value: number): string {
  return Number.isInteger(value) && Math.abs(value) < 1e21 ? `${value}.0` : String(value);
}

function writeValue(value: FieldValue, writeNumber: (value: number) => string): string {
  if (typeof value === "number") return writeNumber(value);
  if (typeof value === "string") return JSON.stringify(value);
  if (value === null || typeof value === "boolean") return String(value);
  if (isList(value)) return `[${value.map((item) => writeValue(item, writeNumber)).join(",")}]`;
  const members = Object.entries(value).map(
    ([name, member]) => `${JSON.stringify(name)}:${writeValue(member, writeNumber)}`,
  );
  return `{${members.join(",")}}`;
}

function isList(value: object): value is readonly FieldValue[] {
  return Array.isArray(value);
}
