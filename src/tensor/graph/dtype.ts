// The element types of tensors, their typed arrays and their numbers in onnx.proto.

import { ShapeError } from "../../errors.ts";

/** float16 is stored as Float16Array, int64 as BigInt64Array, bool as Uint8Array of 0 and 1. */
export type DType = "float32" | "float16" | "int32" | "int64" | "bool";

export type TensorData = Float32Array | Float16Array | Int32Array | BigInt64Array | Uint8Array;

/** TensorProto.DataType of onnx.proto. */
export const onnxType: Readonly<Record<DType, number>> = {
  float32: 1,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
};

/** Bytes an element. */
export const byteSize: Readonly<Record<DType, number>> = {
  float32: 4,
  int32: 4,
  int64: 8,
  bool: 1,
  float16: 2,
};

export function isFloat(dtype: DType): boolean {
  return dtype === "float32" || dtype === "float16";
}

/** A zeroed typed array of `size` elements. */
export function allocate(dtype: DType, size: number): TensorData {
  switch (dtype) {
    case "float32":
      return new Float32Array(size);
    case "float16":
      return new Float16Array(size);
    case "int32":
      return new Int32Array(size);
    case "int64":
      return new BigInt64Array(size);
    case "bool":
      return new Uint8Array(size);
  }
}

/** The dtype that a typed array holds. */
export function dtypeOf(data: TensorData): DType {
  if (data instanceof Float32Array) return "float32";
  if (data instanceof Float16Array) return "float16";
  if (data instanceof Int32Array) return "int32";
  if (data instanceof BigInt64Array) return "int64";
  return "bool";
}

/** A typed array of `dtype` filled from plain numbers. */
export function dataFrom(dtype: DType, values: readonly number[]): TensorData {
  const data = allocate(dtype, values.length);
  if (data instanceof BigInt64Array) {
    for (let i = 0; i < values.length; i += 1) data[i] = BigInt(values[i]);
  } else {
    for (let i = 0; i < values.length; i += 1) data[i] = values[i];
  }
  return data;
}

/** The elements as numbers; an int64 beyond 2^53 is an error. */
export function toNumbers(data: TensorData): number[] {
  if (!(data instanceof BigInt64Array)) return Array.from(data);
  return Array.from(data, (value) => {
    const number = Number(value);
    if (!Number.isSafeInteger(number)) {
      throw new ShapeError(`toNumbers: expected an int64 within 2^53, found ${value}`);
    }
    return number;
  });
}
