// The safetensors format: eight bytes of header length, a JSON header, then the tensors' bytes (little endian).
// Source: https://github.com/huggingface/safetensors, "Format".

import { z } from "zod";
import { ArtifactError } from "../../errors.ts";
import type { DType, TensorData } from "../graph/dtype.ts";
import { allocate, byteSize, dtypeOf } from "../graph/dtype.ts";
import { formatShape, sameShape, sizeOf } from "../graph/shape.ts";
import type { StateValue } from "../session/state.ts";

export interface TensorFile {
  readonly tensors: readonly StateValue[];
  readonly metadata: Readonly<Record<string, string>>;
}

const names: ReadonlyMap<DType, string> = new Map([
  ["float32", "F32"],
  ["float16", "F16"],
  ["int32", "I32"],
  ["int64", "I64"],
  ["bool", "BOOL"],
]);
const dtypes: ReadonlyMap<string, DType> = new Map(
  [...names].map(([dtype, name]) => [name, dtype]),
);

const entrySchema = z.strictObject({
  dtype: z.string(),
  shape: z.array(z.int().min(0)),
  data_offsets: z.tuple([z.int().min(0), z.int().min(0)]),
});

const headerSchema = z.record(z.string(), z.unknown());
const metadataSchema = z.record(z.string(), z.string());

/** The largest header that other readers accept. */
const headerLimit = 100_000_000;

/** Tensors and metadata as one file; tensors lie in the order given. */
export function encodeSafetensors(
  tensors: readonly StateValue[],
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const header: Record<string, unknown> = { __metadata__: metadata };
  let offset = 0;
  for (const { path, shape, data } of tensors) {
    const end = offset + data.byteLength;
    header[path] = { dtype: names.get(dtypeOf(data)), shape, data_offsets: [offset, end] };
    offset = end;
  }
  const text = Buffer.from(JSON.stringify(header));
  const padded = Math.ceil(text.length / 8) * 8;
  const file = Buffer.alloc(8 + padded + offset, " ");
  file.writeBigUInt64LE(BigInt(padded), 0);
  text.copy(file, 8);
  let at = 8 + padded;
  for (const { data } of tensors) {
    file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return file;
}

/** Reads a file; `where` names it in errors. Throws ArtifactError for anything that is not a whole safetensors file. */
export function decodeSafetensors(file: Uint8Array, where: string): TensorFile {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  const length = bytes.length < 8 ? Number.NaN : Number(bytes.readBigUInt64LE(0));
  if (!(length <= headerLimit && 8 + length <= bytes.length)) {
    throw new ArtifactError(
      `${where}: not a safetensors file: ${bytes.length} bytes, header of ${length}`,
    );
  }
  const { __metadata__, ...entries } = parseHeader(bytes.toString("utf8", 8, 8 + length), where);
  const metadata = metadataSchema.safeParse(__metadata__ ?? {});
  if (!metadata.success) throw new ArtifactError(`${where}: metadata must be texts`);
  const body = bytes.subarray(8 + length);
  const tensors = Object.entries(entries).map(([path, entry]) =>
    tensorOf(path, entry, body, where),
  );
  const used = tensors.reduce((sum, { data }) => sum + data.byteLength, 0);
  if (used !== body.length) {
    throw new ArtifactError(`${where}: tensors take ${used} bytes, found ${body.length}`);
  }
  return { tensors, metadata: metadata.data };
}

function parseHeader(text: string, where: string): Record<string, unknown> {
  try {
    return headerSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new ArtifactError(`${where}: the header of the safetensors file is no JSON object`, {
      cause,
    });
  }
}

function tensorOf(path: string, entry: unknown, body: Buffer, where: string): StateValue {
  const parsed = entrySchema.safeParse(entry);
  if (!parsed.success) {
    throw new ArtifactError(`${where}: ${path}: ${z.prettifyError(parsed.error)}`);
  }
  const { shape, data_offsets: offsets, dtype: name } = parsed.data;
  const dtype = dtypes.get(name);
  if (dtype === undefined) {
    throw new ArtifactError(
      `${where}: ${path} is ${name}; read here: ${[...dtypes.keys()].join(", ")}`,
    );
  }
  const [start, end] = offsets;
  const expected = sizeOf(shape) * byteSize[dtype];
  if (end - start !== expected || end > body.length) {
    throw new ArtifactError(
      `${where}: ${path} ${formatShape(shape)} needs ${expected} bytes, found ${start} to ${end} of ${body.length}`,
    );
  }
  return { path, shape, data: dataAt(dtype, body, start, end) };
}

function dataAt(dtype: DType, body: Buffer, start: number, end: number): TensorData {
  const data = allocate(dtype, (end - start) / byteSize[dtype]);
  new Uint8Array(data.buffer).set(body.subarray(start, end));
  return data;
}

export interface Expected {
  readonly path: string;
  readonly shape: readonly number[];
}

/** Throws ArtifactError that names the first tensor that is missing, too many or of another shape than expected. */
export function requireTensors(
  { tensors }: TensorFile,
  expected: readonly Expected[],
  where: string,
): void {
  const found = new Map(tensors.map(({ path, shape }) => [path, shape]));
  for (const { path, shape } of expected) {
    const other = found.get(path);
    if (other !== undefined && sameShape(other, shape)) continue;
    throw new ArtifactError(
      `${where}: expected ${path} ${formatShape(shape)}, found ${other === undefined ? "nothing" : formatShape(other)}; ` +
        "the file is of another configuration",
    );
  }
  const known = new Set(expected.map(({ path }) => path));
  const extra = tensors.find(({ path }) => !known.has(path));
  if (extra !== undefined) {
    throw new ArtifactError(`${where}: has ${extra.path}, which the configuration does not`);
  }
}

/** Throws ArtifactError where a metadata key is not what it must be. */
export function requireMetadata(
  { metadata }: TensorFile,
  expected: Readonly<Record<string, string>>,
  where: string,
): void {
  for (const [key, value] of Object.entries(expected)) {
    const found = new Map(Object.entries(metadata)).get(key);
    if (found === value) continue;
    throw new ArtifactError(`${where}: expected ${key} ${value}, found ${found ?? "nothing"}`);
  }
}
