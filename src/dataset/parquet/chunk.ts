// A column chunk of one month: page headers and bodies in the order of the file. apache/parquet-format parquet.thrift.

import { parquetEncoding, parquetPage } from "./format.ts";
import { ThriftWriter } from "./thrift.ts";

/** The bytes of a column chunk and what the footer says about it; offsets count from the chunk's first byte. */
export interface EncodedChunk {
  /** Pieces to write one behind the other. */
  readonly parts: readonly Uint8Array[];
  readonly bytes: number;
  readonly type: number;
  readonly encodings: readonly number[];
  readonly values: number;
  readonly nulls: number;
  /** Least and greatest value; NaN where there is none. */
  readonly least: number;
  readonly greatest: number;
  readonly dataPageOffset: number;
  readonly hasDictionary: boolean;
}

export interface DictionaryPage {
  readonly bytes: Uint8Array;
  readonly count: number;
}

export interface ChunkContent {
  readonly type: number;
  readonly values: number;
  readonly nulls: number;
  readonly least?: number;
  readonly greatest?: number;
  readonly dictionary?: DictionaryPage;
  /** The data page: levels, then values or indices. */
  readonly body: readonly Uint8Array[];
}

/** Puts page headers before a chunk's pages. */
export function chunkOf(content: ChunkContent): EncodedChunk {
  const { type, values, nulls, dictionary, body } = content;
  const { least = Number.NaN, greatest = Number.NaN } = content;
  const head = dictionary === undefined ? [] : dictionaryPage(dictionary);
  const dataPageOffset = lengthOf(head);
  const encoding = dictionary === undefined ? parquetEncoding.plain : parquetEncoding.rleDictionary;
  const header = pageHeader(parquetPage.data, lengthOf(body), (writer) =>
    writer.struct(5, () => {
      writer.i32(1, values);
      writer.i32(2, encoding);
      writer.i32(3, parquetEncoding.rle);
      writer.i32(4, parquetEncoding.rle);
    }),
  );
  const parts = [...head, header, ...body];
  const { plain, rle, rleDictionary } = parquetEncoding;
  return {
    parts,
    bytes: lengthOf(parts),
    type,
    encodings: dictionary === undefined ? [plain, rle] : [plain, rle, rleDictionary],
    values,
    nulls,
    least,
    greatest,
    dataPageOffset,
    hasDictionary: dictionary !== undefined,
  };
}

function dictionaryPage({ bytes, count }: DictionaryPage): readonly Uint8Array[] {
  const header = pageHeader(parquetPage.dictionary, bytes.length, (writer) =>
    writer.struct(7, () => {
      writer.i32(1, count);
      writer.i32(2, parquetEncoding.plain);
    }),
  );
  return [header, bytes];
}

const writer = new ThriftWriter();

function pageHeader(page: number, size: number, write: (to: ThriftWriter) => void): Uint8Array {
  writer.clear();
  writer.i32(1, page);
  writer.i32(2, size);
  writer.i32(3, size);
  write(writer);
  writer.end();
  return writer.bytes.slice();
}

function lengthOf(parts: readonly Uint8Array[]): number {
  let length = 0;
  for (const part of parts) length += part.length;
  return length;
}
