// Gzip of an announced size: empty deflate blocks fill what compression leaves over (RFC 1951 section 3.2.4, RFC 1952).

import { constants, crc32, deflateRawSync } from "node:zlib";
import { ArtifactError } from "../../errors.ts";

/** A stored block of length zero: three header bits, padding to the byte, length 0 and its complement. */
const emptyBlock = Buffer.from([0x00, 0x00, 0x00, 0xff, 0xff]);
const finalBlock = Buffer.from([0x01, 0x00, 0x00, 0xff, 0xff]);

const headerBytes = 10;
const trailerBytes = 8;

/**
 * Compresses `data` to exactly `size` bytes of gzip: a name field of one to five bytes and empty blocks make up the rest.
 * Throws ArtifactError when the compressed data alone are larger.
 */
export function gzipToSize(data: Buffer, size: number, level: number): Buffer {
  const body = deflateRawSync(data, { level, finishFlush: constants.Z_FULL_FLUSH });
  const fixed = headerBytes + body.length + finalBlock.length + trailerBytes;
  const rest = size - fixed;
  if (rest < 1) {
    throw new ArtifactError(
      `gzipToSize: expected at most ${size - 1} bytes, found ${fixed}; announce a larger size`,
    );
  }
  const nameBytes = rest % emptyBlock.length === 0 ? emptyBlock.length : rest % emptyBlock.length;
  const blocks = (rest - nameBytes) / emptyBlock.length;
  const trailer = Buffer.alloc(trailerBytes);
  trailer.writeUInt32LE(crc32(data), 0);
  trailer.writeUInt32LE(data.length % 2 ** 32, 4);
  return Buffer.concat([
    Buffer.from([0x1f, 0x8b, 8, 0x08, 0, 0, 0, 0, 0, 0xff]),
    Buffer.from(`${"x".repeat(nameBytes - 1)}\0`),
    body,
    Buffer.alloc(blocks * emptyBlock.length, emptyBlock),
    finalBlock,
    trailer,
  ]);
}
