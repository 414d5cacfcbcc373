// /td/files and /td/bulk: signed URLs to the documents of a timely disclosure, and to the whole index as one file.

import { gzipSync } from "node:zlib";
import { endpointOf } from "../../jquants/index.ts";
import type { MarketRow } from "../market/types.ts";
import { invalidValue, type Refusal } from "./bodies.ts";
import { subscriptionTo, type SimulatorContext } from "./context.ts";
import { csvWriter } from "./csv-rows.ts";
import type { Answer } from "./data-answer.ts";
import type { Query } from "./parameters.ts";
import type { StoredFile } from "./storage.ts";

/** Signed URLs of disclosures work for fifteen minutes. */
const lifetimeMs = 900_000;

const listPath = "/td/list";

/** Each kind of document: its code in `Docs`, its name in the answer, its file. */
const documents = [
  { code: "g", name: "pdf", file: "general.pdf" },
  { code: "s", name: "summaryPdf", file: "summary.pdf" },
  { code: "x", name: "xbrl", file: "xbrl.zip" },
] as const;

/** An archive without entries. */
const emptyZip = Buffer.concat([Buffer.from("PK\u0005\u0006"), Buffer.alloc(18)]);

/** URLs of a disclosure's documents; null for those that it does not have or that were not asked for. */
export function answerDisclosureFiles(
  context: SimulatorContext,
  query: Query,
  origin: string,
): Answer | Refusal {
  const number = query.texts.get("discNo") ?? "";
  const asked = query.texts.get("docs")?.split(",");
  const row = servedDisclosures(context).find((each) => each["DiscNo"] === number);
  if (row === undefined) return invalidValue("discNo");
  const has = row["Docs"];
  const files: Record<string, string | null> = {};
  for (const { code, name, file } of documents) {
    const isThere = Array.isArray(has) && has.includes(code) && (asked?.includes(code) ?? true);
    files[name] = isThere
      ? `${origin}${context.storage.sign(`td/${number}/${number}_${file}`, lifetimeMs, () => documentOf(file, number))}`
      : null;
  }
  return { status: 200, body: JSON.stringify({ discNo: number, files }) };
}

/** One file with the whole index of the add-on's window. */
export function answerDisclosureIndex(context: SimulatorContext, origin: string): Answer {
  const writer = csvWriter({ ...endpointOf(listPath), bulkColumns: columns() }, context.plan);
  const load = (): StoredFile => {
    const lines = [writer.header, ...servedDisclosures(context).map((row) => writer.line(row))];
    return { contentType: "application/gzip", bytes: gzipSync(`${lines.join("\n")}\n`) };
  };
  const url = `${origin}${context.storage.sign("td/bulk/td_list.csv.gz", lifetimeMs, load)}`;
  const lastUpdated = Temporal.Instant.fromEpochMilliseconds(context.clock.nowMs())
    .toZonedDateTimeISO("Asia/Tokyo")
    .toString({ smallestUnit: "second", timeZoneName: "never" });
  return { status: 200, body: JSON.stringify({ lastUpdated, url }) };
}

function columns(): string[] {
  return [...endpointOf(listPath).fields.keys()];
}

function servedDisclosures(context: SimulatorContext): readonly MarketRow[] {
  const range = { fromDay: -100_000, toDay: 100_000 };
  const subscription = subscriptionTo(context, endpointOf(listPath));
  return context.store.served(listPath, range, subscription).map(({ row }) => row);
}

function documentOf(file: string, number: string): StoredFile {
  if (file.endsWith(".zip")) return { contentType: "application/zip", bytes: emptyZip };
  const text = `%PDF-1.4\n% synthetic disclosure ${number}\n%%EOF\n`;
  return { contentType: "application/pdf", bytes: Buffer.from(text) };
}
