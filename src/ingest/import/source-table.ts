// Files of a user into one DuckDB table of texts: CSV or Parquet, one file or one a code, in any encoding that Node decodes.

import {
  closeSync,
  createReadStream,
  createWriteStream,
  existsSync,
  openSync,
  readSync,
  statSync,
} from "node:fs";
import { join, basename } from "node:path";
import { pipeline } from "node:stream/promises";
import type { DuckDBConnection } from "@duckdb/node-api";
import { ConfigError, SchemaError } from "../../errors.ts";
import { quoteName, quoteText } from "../../lake/index.ts";

export interface SourceFiles {
  readonly files: readonly string[];
  /** A label of the WHATWG Encoding Standard; default utf-8. */
  readonly encoding?: string | undefined;
  /** Folder for decoded copies. */
  readonly scratch: string;
}

/** Columns that readSource adds: the file's name and the row's number in it, header apart. */
export const originColumns: readonly string[] = ["_file", "_line"];

/**
 * Creates `table` with every column as text, plus `_file` and `_line`. Returns the columns of the files.
 * Throws ConfigError for a missing file, SchemaError for one that is not readable.
 */
export async function readSource(
  connection: DuckDBConnection,
  table: string,
  { files, encoding = "utf-8", scratch }: SourceFiles,
): Promise<string[]> {
  if (files.length === 0) throw new ConfigError("import: no files given");
  for (const file of files) {
    if (!existsSync(file)) throw new ConfigError(`import: ${file} does not exist`);
    if (statSync(file).size === 0) throw new SchemaError(`import: ${file} is empty`);
  }
  const readables: string[] = [];
  const parts: string[] = [];
  for (const [at, file] of files.entries()) {
    const readable = await decoded(file, encoding, join(scratch, `decoded-${at}.csv`));
    readables.push(readable);
    parts.push(selectFile(file, readable));
  }
  try {
    await connection.run(
      `CREATE OR REPLACE TEMP TABLE ${quoteName(table)} AS ${parts.join(" UNION ALL BY NAME ")}`,
    );
  } catch (error) {
    throw await unreadable(connection, files, readables, error);
  }
  const reader = await connection.runAndReadAll(`DESCRIBE ${quoteName(table)}`);
  return reader
    .getRows()
    .map(([name]) => String(name))
    .filter((name) => !originColumns.includes(name));
}

function selectFile(file: string, readable: string): string {
  const isParquet = file.endsWith(".parquet");
  const reader = isParquet
    ? `read_parquet(${quoteText(readable)})`
    : `read_csv(${quoteText(readable)}, ${dialect(readable)}header = true, all_varchar = true, strict_mode = true, null_padding = false, sample_size = 20000)`;
  const columns = isParquet ? "CAST(COLUMNS(*) AS VARCHAR)" : "*";
  return `SELECT ${columns}, ${quoteText(basename(file))} AS "_file", row_number() OVER () AS "_line" FROM ${reader}`;
}

/** The separator of the header line: guessing over all lines would read a malformed file as one column. */
function dialect(file: string): string {
  if (file.endsWith(".gz")) return "";
  return `delim = ${quoteText(separatorOf(file).mark)}, quote = '"', escape = '"', `;
}

/** The mark that parts the header line into most cells, and their number. */
function separatorOf(file: string): { mark: string; count: number } {
  const handle = openSync(file, "r");
  try {
    const start = Buffer.alloc(1 << 16);
    const text = start.toString("latin1", 0, readSync(handle, start));
    const [line] = text.split("\n", 1);
    const [best] = [",", ";", "\t", "|"]
      .map((mark) => ({ mark, count: line.split(mark).length }))
      .toSorted((left, right) => right.count - left.count);
    return best;
  } finally {
    closeSync(handle);
  }
}

async function decoded(file: string, encoding: string, copy: string): Promise<string> {
  if (/^utf-?8$/iu.test(encoding) || file.endsWith(".parquet")) return file;
  let decoder: TextDecoderStream;
  try {
    decoder = new TextDecoderStream(encoding, { fatal: true });
  } catch (error) {
    throw new ConfigError(`import: unknown encoding ${encoding}; shift_jis and euc-jp are known`, {
      cause: error,
    });
  }
  try {
    await pipeline(createReadStream(file), decoder, createWriteStream(copy));
  } catch (error) {
    throw new SchemaError(`import: ${file} is not ${encoding}; give its --encoding`, {
      cause: error,
    });
  }
  return copy;
}

async function unreadable(
  connection: DuckDBConnection,
  files: readonly string[],
  readables: readonly string[],
  error: unknown,
): Promise<SchemaError> {
  for (const [at, file] of files.entries()) {
    if (!(await isUtf8(readables[at]))) {
      return new SchemaError(
        `import: ${file} not readable: it is not UTF-8; give --encoding shift_jis or what it is`,
        { cause: error },
      );
    }
    const line = await malformedLine(connection, readables[at]);
    if (line !== undefined) {
      return new SchemaError(
        `import: ${file} not readable: line ${line} has not as many cells as the header; mend the file`,
        { cause: error },
      );
    }
  }
  const reason = error instanceof Error ? error.message : String(error);
  const [first = ""] = reason.split("\n").filter((text) => text.trim() !== "");
  return new SchemaError(`import: ${files.join(", ")} not readable: ${first}`, { cause: error });
}

/** Reads a CSV file again with as many columns as its header has, for DuckDB then names the line that differs. */
async function malformedLine(
  connection: DuckDBConnection,
  file: string,
): Promise<string | undefined> {
  if (/\.(?:parquet|gz)$/u.test(file)) return undefined;
  const { count } = separatorOf(file);
  const columns = Array.from({ length: count }, (_, at) => `'c${at}': 'VARCHAR'`).join(", ");
  try {
    await connection.run(
      `SELECT count(*) FROM read_csv(${quoteText(file)}, ${dialect(file)}auto_detect = false, header = true, strict_mode = true, columns = {${columns}})`,
    );
    return undefined;
  } catch (error) {
    return /Line: (\d+)/u.exec(String(error))?.[1];
  }
}

async function isUtf8(file: string): Promise<boolean> {
  if (/\.(?:parquet|gz)$/u.test(file)) return true;
  const decoder = new TextDecoder("utf-8", { fatal: true });
  try {
    for await (const chunk of createReadStream(file)) decoder.decode(chunk, { stream: true });
    decoder.decode();
    return true;
  } catch {
    return false;
  }
}
