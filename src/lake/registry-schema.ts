// From the endpoint registry to lake tables: names, types, keys and the publication rule.

import { closeExtensionDay, epochDay, jpxCalendar, jstInstantMs } from "../calendar/index.ts";
import {
  availableAtMs,
  endpoints,
  publicationFields,
  type Endpoint,
  type Field,
} from "../jquants/index.ts";
import { userSeries } from "./user-series.ts";
import type { ColumnType, LakeColumn, RawRow, TableSchema } from "./table-schema.ts";

// Availability follows the calendar by rule, so that it never depends on what was ingested first.
const ruleCalendar = jpxCalendar({ from: "1990-01-01", to: "2049-12-31" });

// Adjusted prices restate the whole past at every split: the lake keeps raw prices and AdjFactor, and no Adj* column.
const restated = /^[MA]?Adj(?:O|H|L|C|Vo)$/u;

/** A schema for each endpoint whose rows carry a date, and the one of the user's series. */
export function tableSchemas(): TableSchema[] {
  const dated = [...endpoints.values()].filter(
    ({ dateField, publication }) => dateField !== null && publication !== null,
  );
  return [...dated.map(tableSchema), userSeries];
}

function tableSchema(endpoint: Endpoint): TableSchema {
  const { table, path, key, dateField } = endpoint;
  const all = [...endpoint.fields.values()].flatMap(lakeColumns);
  return {
    table,
    path,
    columns: all.filter(({ name }) => !restated.test(name)),
    key,
    day: dateField ?? key[0],
    dropped: new Set(all.map(({ name }) => name).filter((name) => restated.test(name))),
    availabilityInputs: publicationFields(endpoint),
    availableAt: remembered(endpoint),
  };
}

/** An object's fields become columns `Object.Field`, as in bulk files; lists and maps stay JSON text. */
function lakeColumns(field: Field): LakeColumn[] {
  if (field.type === "object") {
    return field.fields.map((inner) => ({
      ...lakeColumn(inner),
      name: `${field.name}.${inner.name}`,
    }));
  }
  return [lakeColumn(field)];
}

function lakeColumn({ name, type, missing }: Field): LakeColumn {
  return {
    name,
    type: columnType(type),
    missing: missing.filter((marker) => marker === "-" || marker === "*"),
  };
}

function columnType(type: Field["type"]): ColumnType {
  if (type === "date") return "DATE";
  return type === "number" || type === "decimal" ? "DOUBLE" : "VARCHAR";
}

/** The publication rule, computed once for each distinct set of inputs. */
function remembered(endpoint: Endpoint): (row: RawRow) => number {
  const inputs = publicationFields(endpoint);
  const known = new Map<string, number>();
  return (row) => {
    let key = "";
    for (const name of inputs) key += `${String(row[name])}|`;
    const held = known.get(key);
    if (held !== undefined) return held;
    const instant = availability(endpoint, row);
    known.set(key, instant);
    return instant;
  };
}

function availability(endpoint: Endpoint, row: RawRow): number {
  const { publication } = endpoint;
  const date = publication?.kind === "close" ? row[publication.date] : undefined;
  if (typeof date === "string") {
    const day = epochDay(date);
    if (!ruleCalendar.isSession(day)) {
      return jstInstantMs(day, day >= closeExtensionDay ? "15:30" : "15:00");
    }
  }
  return availableAtMs(endpoint, row, ruleCalendar);
}
