// The registry against the specification's machine-readable form where it lies beside the checkout, and against a committed digest.

import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { hashValue } from "../../src/hash.ts";
import {
  endpointOf,
  endpoints,
  publicationFields,
  type Endpoint,
  type Field,
} from "../../src/jquants/index.ts";

interface SchemaField {
  readonly name: string;
  readonly type: string;
  readonly nullable: boolean;
  readonly empty_markers?: readonly string[];
  readonly unit?: string;
  readonly v1_name?: string;
  readonly since?: string;
  readonly plans?: readonly string[];
  readonly fields?: readonly SchemaField[];
}

interface SchemaEndpoint {
  readonly path: string;
  readonly params: readonly { readonly name: string; readonly required: boolean }[];
  readonly plans: readonly string[];
  readonly addon?: string;
  readonly rate_bucket: string;
  readonly bulk: boolean;
  readonly primary_key: readonly string[];
  readonly data_key: string | null;
  readonly v1_path: string | null;
  readonly since?: string;
  readonly fields: readonly SchemaField[];
}

const schemaFile = fileURLToPath(
  new URL("../../../shared/reference/jquants-v2-schema.json", import.meta.url),
);
const hasSchema = existsSync(schemaFile);
const schema: readonly SchemaEndpoint[] = hasSchema ? readSchema() : [];

function readSchema(): SchemaEndpoint[] {
  const document = JSON.parse(readFileSync(schemaFile, "utf8")) as Record<string, SchemaEndpoint>;
  return Object.entries(document)
    .filter(([path]) => path !== "_meta")
    .map(([, endpoint]) => endpoint);
}

const bucketOf = new Map([
  ["plan", "plan"],
  ["addon-minute 60/min", "minute"],
  ["addon-td 100/min", "td"],
  ["own 60/min regardless of plan (Free presumably still 5)", "fins-summary"],
  ["own 60/min on any plan", "fins-details"],
]);

/** The specification's type of a field that the registry tells apart further. */
function specTypeOf({ type, missing }: Field): string {
  const isText = missing.some((marker) => marker !== "null");
  switch (type) {
    case "number":
      return isText ? "number|string" : "number";
    case "strings":
    case "array":
      return "array";
    case "map":
    case "object":
      return "object";
    default:
      return "string";
  }
}

function markersOf(field: SchemaField): string[] {
  const text = (field.empty_markers ?? []).join(" ");
  const markers = new Set<string>();
  if (/""/.test(text)) markers.add('""');
  if (/(^|\s)- \(|^-$/.test(text)) markers.add("-");
  if (/\*/.test(text)) markers.add("*");
  if (/null/.test(text) || (field.nullable && text === "")) markers.add("null");
  return [...markers].sort();
}

function expectField(field: Field, spec: SchemaField, where: string): void {
  expect(specTypeOf(field), `${where} type`).toBe(spec.type);
  const markers = new Set(field.missing);
  if (spec.name === "DiscStatus") markers.delete('""');
  expect([...markers].sort(), `${where} markers`).toEqual(markersOf(spec));
  const inner = spec.fields ?? [];
  if (inner.length > 0) {
    expect(field.fields.map(({ name }) => name)).toEqual(inner.map(({ name }) => name));
    inner.forEach((each, i) => expectField(field.fields[i], each, `${where}.${each.name}`));
  }
}

describe("endpoints", () => {
  it("holds 31 endpoints with 546 fields", () => {
    const fields = [...endpoints.values()].reduce((sum, { fields: all }) => sum + all.size, 0);
    expect([endpoints.size, fields]).toEqual([31, 546]);
  });

  it.skipIf(!hasSchema)("holds the endpoints of the specification in its order", () => {
    expect([...endpoints.keys()]).toEqual(schema.map(({ path }) => path));
  });

  it.skipIf(!hasSchema).each(schema.map((spec) => [spec.path, spec] as const))(
    "%s has the fields, parameters, plan, bucket and key of the specification",
    (path, spec) => {
      const endpoint = endpointOf(path);
      expect([...endpoint.fields.keys()]).toEqual(spec.fields.map(({ name }) => name));
      for (const field of spec.fields) {
        const own = endpoint.fields.get(field.name)!;
        expectField(own, field, `${path} ${field.name}`);
        expect(own.v1Name).toBe(field.v1_name ?? null);
        if (field.unit !== undefined) expect(own.unit).toBe(field.unit);
        expect(own.plan).toBe(field.plans === undefined ? "free" : "premium");
        expect(own.since).toBe(field.since?.slice(0, 10) ?? null);
      }
      expect([...endpoint.parameters.keys()]).toEqual(spec.params.map(({ name }) => name));
      const isRequired = spec.params.filter(({ required }) => required).map(({ name }) => name);
      for (const { required } of endpoint.combinations) {
        expect(required).toEqual(expect.arrayContaining(isRequired));
      }
      expect(endpoint.plan).toBe(spec.plans[0].toLowerCase());
      expect(endpoint.addon !== null).toBe(spec.addon !== undefined);
      expect(endpoint.bucket).toBe(bucketOf.get(spec.rate_bucket));
      expect(endpoint.bulk).toBe(spec.bulk);
      expect(endpoint.key).toEqual(spec.primary_key);
      expect(endpoint.envelope).toBe(spec.data_key ?? "object");
      expect(endpoint.v1Path).toBe(spec.v1_path);
      expect(endpoint.since).toBe(spec.since ?? null);
    },
  );

  it.each([...endpoints.values()].map((endpoint) => [endpoint.path, endpoint] as const))(
    "%s names only its own fields and parameters in its rules",
    (_, endpoint) => {
      const { fields, parameters } = endpoint;
      const named = [
        ...endpoint.key,
        ...endpoint.order,
        ...publicationFields(endpoint),
        ...[...parameters.values()].flatMap(({ field }) => (field === null ? [] : [field])),
        ...(endpoint.dateField === null ? [] : [endpoint.dateField]),
      ];
      expect(named.filter((name) => !fields.has(name))).toEqual([]);
      const asked = [
        ...endpoint.requires,
        ...endpoint.exclusive.flat(),
        ...endpoint.combinations.flatMap(({ required, optional }) => [...required, ...optional]),
      ];
      expect(asked.filter((name) => !parameters.has(name))).toEqual([]);
    },
  );

  it("names tables after paths", () => {
    expect(endpointOf("/equities/bars/daily").table).toBe("equities_bars_daily");
    expect(endpointOf("/markets/short-sale-report").table).toBe("markets_short_sale_report");
  });

  it("leaves adjusted columns out of the daily bars' bulk files and flattens reasons", () => {
    const bars = endpointOf("/equities/bars/daily").bulkColumns;
    expect(bars.slice(0, 11).join(",")).toBe("Date,Code,O,H,L,C,UL,LL,Vo,Va,AdjFactor");
    expect(bars).toHaveLength(29);
    expect(endpointOf("/markets/margin-alert").bulkColumns).toContain("PubReason.Monitoring");
  });

  it("does not know a path that V2 does not have", () => {
    expect(() => endpointOf("/prices/daily_quotes")).toThrow(/expected one of/);
  });

  it("has not changed without this digest having been looked at", () => {
    expect(hashValue([...endpoints.values()].map(digest))).toBe(
      "0965747f271231c78bc8c45d131cca7449c65e01804d2f6b0700ce50d962d719",
    );
  });
});

function digest(endpoint: Endpoint): unknown {
  return [
    endpoint.path,
    endpoint.plan,
    endpoint.bucket,
    endpoint.key,
    [...endpoint.fields.values()].map(({ name, type, missing, unit }) => [
      name,
      type,
      missing,
      unit,
    ]),
  ];
}
