// A file of decoded data: a header that says what it is, then the bytes of its arrays, each with its CRC-32.

import { existsSync } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { crc32 } from "node:zlib";
import { z } from "zod";
import { ArtifactError } from "../../errors.ts";
import { publishWith } from "../../publish.ts";

/** The bytes of an array, in order; they may lie in several places. */
export interface Pieces {
  readonly name: string;
  readonly pieces: readonly Uint8Array[];
}

export interface KeptContent {
  /** Hash of all that decides the content. */
  readonly identity: string;
  /** Plain JSON. */
  readonly meta: unknown;
  readonly arrays: readonly Pieces[];
}

interface Header {
  readonly identity: string;
  readonly meta: unknown;
  readonly arrays: readonly {
    readonly name: string;
    readonly bytes: number;
    readonly crc: number;
  }[];
}

const headerSchema: z.ZodType<Header> = z.object({
  identity: z.string(),
  meta: z.unknown(),
  arrays: z.array(
    z.object({ name: z.string(), bytes: z.int().nonnegative(), crc: z.int().nonnegative() }),
  ),
});

const magic = "GKDECOD1";
const prefixBytes = magic.length + 8;

/** Pieces that one system call takes at most. */
const piecesAtOnce = 1000;

/** Publishes a file; a reader sees the whole of it or nothing. */
export async function writeKept(
  path: string,
  { identity, meta, arrays }: KeptContent,
): Promise<void> {
  const listed = arrays.map(({ name, pieces }) => ({
    name,
    bytes: sizeOf(pieces),
    crc: pieces.reduce((crc, piece) => crc32(piece, crc), 0),
  }));
  const header = Buffer.from(JSON.stringify({ identity, meta, arrays: listed } satisfies Header));
  const prefix = Buffer.alloc(prefixBytes);
  prefix.write(magic, "latin1");
  prefix.writeUInt32LE(header.length, magic.length);
  prefix.writeUInt32LE(crc32(header), magic.length + 4);
  const write = async (temporary: string): Promise<void> => {
    const file = await open(temporary, "w");
    try {
      for (const { pieces } of [{ pieces: [prefix, header] }, ...arrays]) {
        for (const batch of batches(pieces)) await writeAll(file, batch);
      }
    } finally {
      await file.close();
    }
  };
  await publishWith(path, write, { durable: false });
}

async function writeAll(file: FileHandle, pieces: Uint8Array[]): Promise<void> {
  const { bytesWritten } = await file.writev(pieces);
  if (bytesWritten === sizeOf(pieces)) return;
  throw new ArtifactError(
    `load cache: wrote ${bytesWritten} of ${sizeOf(pieces)} bytes; is the disk full?`,
  );
}

export class KeptFile {
  readonly meta: unknown;
  readonly #file: FileHandle;
  readonly #header: Header;
  readonly #start: number;

  private constructor(file: FileHandle, header: Header, start: number) {
    this.#file = file;
    this.#header = header;
    this.#start = start;
    this.meta = header.meta;
  }

  /** The file at `path`; undefined when there is none, when it is broken or cut short, and when it is another one. */
  static async open(path: string, identity: string): Promise<KeptFile | undefined> {
    if (!existsSync(path)) return undefined;
    const file = await open(path, "r");
    const header = await readHeader(file);
    if (header?.header.identity === identity) return new KeptFile(file, header.header, header.end);
    await file.close();
    return undefined;
  }

  /** Bytes of an array; -1 when the file has none of that name. */
  bytes(name: string): number {
    return this.#header.arrays.find((array) => array.name === name)?.bytes ?? -1;
  }

  /** Fills `pieces` with an array's bytes; false when they are not those that were written, or as many. */
  async read({ name, pieces }: Pieces): Promise<boolean> {
    const place = this.#header.arrays.findIndex((array) => array.name === name);
    if (place < 0 || this.#header.arrays[place].bytes !== sizeOf(pieces)) return false;
    let at = this.#start;
    for (const { bytes } of this.#header.arrays.slice(0, place)) at += bytes;
    let crc = 0;
    for (const batch of batches(pieces)) {
      const { bytesRead } = await this.#file.readv(batch, at);
      if (bytesRead !== sizeOf(batch)) return false;
      at += bytesRead;
      for (const piece of batch) crc = crc32(piece, crc);
    }
    return crc === this.#header.arrays[place].crc;
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}

async function readHeader(
  file: FileHandle,
): Promise<{ readonly header: Header; readonly end: number } | undefined> {
  const prefix = Buffer.alloc(prefixBytes);
  const { size } = await file.stat();
  await file.read(prefix, 0, prefixBytes, 0);
  if (prefix.toString("latin1", 0, magic.length) !== magic) return undefined;
  const length = prefix.readUInt32LE(magic.length);
  if (prefixBytes + length > size) return undefined;
  const text = Buffer.alloc(length);
  await file.read(text, 0, length, prefixBytes);
  if (crc32(text) !== prefix.readUInt32LE(magic.length + 4)) return undefined;
  const { success, data } = headerSchema.safeParse(JSON.parse(text.toString("utf8")));
  if (!success) return undefined;
  const end = prefixBytes + length;
  const total = data.arrays.reduce((sum, { bytes }) => sum + bytes, end);
  return total === size ? { header: data, end } : undefined;
}

/** Bytes of a typed array, in its own memory. */
export function bytesOf(array: Float64Array | Int32Array | Uint8Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

function sizeOf(pieces: readonly Uint8Array[]): number {
  return pieces.reduce((sum, { byteLength }) => sum + byteLength, 0);
}

function* batches(pieces: readonly Uint8Array[]): Generator<Uint8Array[]> {
  for (let start = 0; start < pieces.length; start += piecesAtOnce) {
    yield pieces.slice(start, start + piecesAtOnce);
  }
}
