// safetensors: what is written is read back to the last bit, and everything that is not a whole file is refused by name.

import { describe, expect, it } from "vitest";
import { ArtifactError } from "../../../src/errors.ts";
import type { StateValue } from "../../../src/tensor/index.ts";
import {
  decodeSafetensors,
  encodeSafetensors,
  requireMetadata,
  requireTensors,
} from "../../../src/tensor/files/index.ts";

const tensors: readonly StateValue[] = [
  { path: "a.weight", shape: [2, 2], data: Float32Array.of(1, -0, NaN, 3e38) },
  { path: "a.half", shape: [3], data: Float16Array.of(1, 2, 0.5) },
  { path: "steps", shape: [], data: BigInt64Array.of(7n) },
  { path: "ids", shape: [2], data: Int32Array.of(-1, 5) },
  { path: "flags", shape: [3], data: Uint8Array.of(1, 0, 1) },
];

function altered(change: (file: Uint8Array) => Uint8Array): () => unknown {
  return () => decodeSafetensors(change(encodeSafetensors(tensors)), "test");
}

describe("safetensors", () => {
  it("gives back every dtype, the shapes and the metadata", () => {
    const file = decodeSafetensors(encodeSafetensors(tensors, { abi: "x", version: "1" }), "test");
    expect(file.tensors).toEqual(tensors);
    expect(file.metadata).toEqual({ abi: "x", version: "1" });
  });

  it("starts with the header's length and a JSON object padded to eight bytes", () => {
    const file = Buffer.from(encodeSafetensors(tensors));
    const length = Number(file.readBigUInt64LE(0));
    expect(length % 8).toBe(0);
    const header: unknown = JSON.parse(file.toString("utf8", 8, 8 + length));
    expect(header).toMatchObject({
      "a.weight": { dtype: "F32", shape: [2, 2], data_offsets: [0, 16] },
    });
  });

  it("refuses a truncated file, one that is too long, and one that is none", () => {
    expect(altered((file) => file.subarray(0, file.length - 1))).toThrow(ArtifactError);
    expect(altered((file) => Buffer.concat([file, Buffer.of(0)]))).toThrow(/take .* bytes, found/u);
    expect(altered((file) => file.subarray(0, 5))).toThrow(/not a safetensors file/u);
    expect(altered((file) => file.map((byte, i) => (i === 9 ? 0 : byte)))).toThrow(/no JSON/u);
  });

  it("names the first tensor that is missing, misshapen or too many", () => {
    const file = decodeSafetensors(encodeSafetensors(tensors), "file.st");
    const expected = tensors.map(({ path, shape }) => ({ path, shape }));
    expect(() => {
      requireTensors(file, [...expected, { path: "b", shape: [1] }], "file.st");
    }).toThrow(/file\.st: expected b \[1\], found nothing/u);
    expect(() => {
      requireTensors(file, [{ path: "a.weight", shape: [4] }, ...expected.slice(1)], "file.st");
    }).toThrow(/expected a\.weight \[4\], found \[2, 2\]/u);
    expect(() => {
      requireTensors(file, expected.slice(1), "file.st");
    }).toThrow(/has a\.weight/u);
  });

  it("refuses other metadata than expected", () => {
    const file = decodeSafetensors(encodeSafetensors(tensors, { version: "2" }), "test");
    expect(() => {
      requireMetadata(file, { version: "1" }, "test");
    }).toThrow("test: expected version 1, found 2");
  });
});
