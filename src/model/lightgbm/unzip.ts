// One member of a zip archive (a Python wheel is one): APPNOTE 6.3, stored or deflated, found through the central directory.

import { inflateRawSync } from "node:zlib";
import { ArtifactError } from "../../errors.ts";

const endSignature = 0x06054b50;
const entrySignature = 0x02014b50;

/** The content of the first member whose name ends in `suffix`. Throws ArtifactError when there is none. */
export function unzipMember(archive: Buffer, suffix: string): Buffer {
  const end = archive.lastIndexOf(Buffer.from(Uint32Array.of(endSignature).buffer));
  if (end < 0) throw new ArtifactError(`unzip: expected a zip archive, found no directory in it`);
  let at = archive.readUInt32LE(end + 16);
  for (let left = archive.readUInt16LE(end + 10); left > 0; left -= 1) {
    if (archive.readUInt32LE(at) !== entrySignature) break;
    const nameLength = archive.readUInt16LE(at + 28);
    const name = archive.toString("utf8", at + 46, at + 46 + nameLength);
    if (name.endsWith(suffix)) return member(archive, at);
    at += 46 + nameLength + archive.readUInt16LE(at + 30) + archive.readUInt16LE(at + 32);
  }
  throw new ArtifactError(`unzip: the archive has no member that ends in ${suffix}`);
}

function member(archive: Buffer, entry: number): Buffer {
  const method = archive.readUInt16LE(entry + 10);
  const size = archive.readUInt32LE(entry + 20);
  const local = archive.readUInt32LE(entry + 42);
  const start = local + 30 + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28);
  const bytes = archive.subarray(start, start + size);
  return method === 0 ? bytes : inflateRawSync(bytes);
}
