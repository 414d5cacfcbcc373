// Numbers of the Parquet format that the writer and the reader share. apache/parquet-format parquet.thrift.

export const magic: Uint8Array = new TextEncoder().encode("PAR1");

export const parquetType = { int32: 1, float: 4, byteArray: 6 } as const;

export const parquetEncoding = { plain: 0, rle: 3, rleDictionary: 8 } as const;

export const parquetPage = { data: 0, dictionary: 2 } as const;

export const repetition = { required: 0, optional: 1 } as const;

/** ConvertedType: how a reader shows the stored type. */
export const convertedType = { text: 0, date: 6 } as const;

/** What a column holds, as far as the quality gates need it. */
export interface ColumnStats {
  readonly nulls: number;
  readonly least: number;
  readonly greatest: number;
}

/** What the footer says about one column chunk; offsets from the start of the file. */
export interface ChunkMeta {
  readonly name: string;
  readonly type: number;
  readonly convertedType: number | undefined;
  readonly isOptional: boolean;
  readonly encodings: readonly number[];
  readonly values: number;
  readonly nulls: number;
  readonly least: number;
  readonly greatest: number;
  readonly offset: number;
  readonly bytes: number;
  readonly dataPageOffset: number;
  readonly hasDictionary: boolean;
}
