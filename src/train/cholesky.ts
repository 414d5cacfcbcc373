// Symmetric positive definite matrices by their triangles, row-major.

/** Lower triangle L with L Lᵀ = the symmetric matrix whose lower triangle is given. */
export function cholesky(lower: Float64Array, width: number): Float64Array {
  const result = new Float64Array(width * width);
  for (let i = 0; i < width; i += 1) {
    for (let j = 0; j <= i; j += 1) {
      let sum = lower[i * width + j];
      for (let k = 0; k < j; k += 1) sum -= result[i * width + k] * result[j * width + k];
      result[i * width + j] = i === j ? Math.sqrt(sum) : sum / result[j * width + j];
    }
  }
  return result;
}

/** The inverse of a lower triangle, itself one. */
export function inverseOfLower(lower: Float64Array, width: number): Float64Array {
  const result = new Float64Array(width * width);
  for (let j = 0; j < width; j += 1) {
    for (let i = j; i < width; i += 1) {
      let sum = i === j ? 1 : 0;
      for (let k = j; k < i; k += 1) sum -= lower[i * width + k] * result[k * width + j];
      result[i * width + j] = sum / lower[i * width + i];
    }
  }
  return result;
}
