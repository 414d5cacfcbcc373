// From an entry as it is written down to the endpoint that programs read.

import type {
  Combination,
  Endpoint,
  EndpointEntry,
  Field,
  FieldEntries,
  FieldEntry,
  FieldType,
  MissingMarker,
} from "./schema.ts";

/** Name of an endpoint's table: its path without leading slash, `/` and `-` as `_`. */
export function tableName(path: string): string {
  return path.slice(1).replaceAll(/[/-]/g, "_");
}

export function parseEndpoint(entry: EndpointEntry): Endpoint {
  const fields = parseFields(entry.fields);
  const omitted = new Set(entry.bulkOmits);
  return {
    path: entry.path,
    table: tableName(entry.path),
    v1Path: entry.v1Path,
    plan: entry.plan,
    addon: entry.addon ?? null,
    bucket: entry.bucket,
    bulk: entry.bulk,
    bulkColumns: entry.bulk ? flatNames(fields).filter((name) => !omitted.has(name)) : [],
    parameters: new Map(
      Object.entries(entry.parameters).map(([name, [kind, field]]) => [
        name,
        { name, kind, field: field ?? null },
      ]),
    ),
    combinations: entry.combinations.map(parseCombination),
    requires: entry.requires,
    exclusive: entry.exclusive ?? [],
    key: entry.key,
    order: entry.order,
    dateField: entry.dateField,
    historyStart: entry.historyStart,
    since: entry.since ?? null,
    envelope: entry.envelope,
    publication: entry.publication,
    fields: new Map(fields.map((field) => [field.name, field])),
  };
}

function parseCombination(text: string): Combination {
  const names = text.split(" ").filter((name) => name !== "");
  return {
    required: names.filter((name) => !name.endsWith("?")),
    optional: names.filter((name) => name.endsWith("?")).map((name) => name.slice(0, -1)),
  };
}

function parseFields(entries: FieldEntries): Field[] {
  return Object.entries(entries).map(([name, entry]) => parseField(name, entry));
}

function parseField(name: string, [wire, v1Name, unit, extras = {}]: FieldEntry): Field {
  const [type, ...missing] = wire.split("|") as [FieldType, ...MissingMarker[]];
  return {
    name,
    v1Name: v1Name ?? null,
    type,
    missing,
    unit: unit ?? null,
    required: extras.since === undefined && extras.plan === undefined,
    since: extras.since ?? null,
    plan: extras.plan ?? "free",
    fields: parseFields(extras.of ?? {}),
  };
}

/** Column names of a flat file: an object's fields stand as `Object.Field`, all other nested values in one column. */
function flatNames(fields: readonly Field[]): string[] {
  return fields.flatMap(({ name, type, fields: inner }) =>
    type === "object" ? inner.map((field) => `${name}.${field.name}`) : [name],
  );
}
