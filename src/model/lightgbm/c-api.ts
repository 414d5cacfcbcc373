// LightGBM's C API (LightGBM/include/LightGBM/c_api.h, 4.x) through koffi. Import this in worker threads only: the library
// keeps errors and OpenMP teams a thread, and koffi must not load in the main thread and a worker at once.

import koffi, { type LibraryHandle } from "koffi";
import { PipelineError } from "../../errors.ts";

type CFunction = (...parameters: readonly unknown[]) => number;

/** An opaque pointer of the library. */
export type Handle = unknown;

export const predictKind = { normal: 0, raw: 1, leaf: 2, contribution: 3 } as const;

export type PredictKind = keyof typeof predictKind;

export interface CApi {
  /** `matrix` is (rows, features), row-major; bins come from `reference` when given. */
  createDataset(
    matrix: Float32Array,
    shape: MatrixShape,
    parameters: string,
    reference?: Handle,
  ): Handle;
  subset(dataset: Handle, rows: Int32Array, parameters: string): Handle;
  setField(
    dataset: Handle,
    field: "label" | "weight" | "group",
    values: Float32Array | Int32Array,
  ): void;
  setFeatureNames(dataset: Handle, names: readonly string[]): void;
  freeDataset(dataset: Handle): void;
  createBooster(dataset: Handle, parameters: string): Handle;
  loadBooster(modelText: string): Handle;
  addValidation(booster: Handle, dataset: Handle): void;
  /** One boosting round; true when no further split was found. */
  update(booster: Handle): boolean;
  /** Scores of the data the booster holds: 0 the training rows, 1 the first validation. */
  scores(booster: Handle, data: number, out: Float64Array): void;
  predict(booster: Handle, matrix: Float32Array, options: PredictOptions): Float64Array;
  gains(booster: Handle, iterations: number, features: number): Float64Array;
  modelText(booster: Handle, iterations: number): string;
  freeBooster(booster: Handle): void;
}

export interface MatrixShape {
  readonly rows: number;
  readonly features: number;
}

export interface PredictOptions extends MatrixShape {
  readonly kind: PredictKind;
  /** Rounds to use, 0 for all. */
  readonly iterations: number;
  /** `num_threads=2` and the like. */
  readonly parameters: string;
}

// C_API_DTYPE_* of c_api.h.
const float32Type = 0;
const int32Type = 2;
const rowMajor = 1;
const splitImportance = 0;
const gainImportance = 1;

/** Opens the library at `path`. Throws PipelineError when it cannot be loaded. */
export function openCApi(path: string): CApi {
  const library = loadLibrary(path);
  const bind = (definition: string): CFunction => library.func(definition);
  const lastError = library.func("const char *LGBM_GetLastError()");
  const checked = (definition: string): ((...parameters: readonly unknown[]) => void) => {
    const call = bind(definition);
    const name = /LGBM_\w+/u.exec(definition)?.[0] ?? definition;
    return (...parameters) => {
      if (call(...parameters) !== 0) throw new PipelineError(`lightgbm: ${name}: ${lastError()}`);
    };
  };
  return { ...datasetCalls(checked), ...boosterCalls(checked) };
}

type Checked = (definition: string) => (...parameters: readonly unknown[]) => void;

type DatasetCalls = Pick<
  CApi,
  "createDataset" | "subset" | "setField" | "setFeatureNames" | "freeDataset"
>;

function datasetCalls(checked: Checked): DatasetCalls {
  const create = checked(
    "int LGBM_DatasetCreateFromMat(const void *data, int type, int32_t rows, int32_t columns, int is_row_major, const char *parameters, void *reference, _Out_ void **out)",
  );
  const subset = checked(
    "int LGBM_DatasetGetSubset(void *dataset, const int32_t *rows, int32_t count, const char *parameters, _Out_ void **out)",
  );
  const setField = checked(
    "int LGBM_DatasetSetField(void *dataset, const char *field, const void *data, int count, int type)",
  );
  const setNames = checked(
    "int LGBM_DatasetSetFeatureNames(void *dataset, const char **names, int count)",
  );
  const free = checked("int LGBM_DatasetFree(void *dataset)");
  return {
    createDataset: (matrix, { rows, features }, parameters, reference = null) =>
      pointer((out) =>
        create(matrix, float32Type, rows, features, rowMajor, parameters, reference, out),
      ),
    subset: (dataset, rows, parameters) =>
      pointer((out) => subset(dataset, rows, rows.length, parameters, out)),
    setField: (dataset, field, values) => {
      const type = values instanceof Int32Array ? int32Type : float32Type;
      setField(dataset, field, values, values.length, type);
    },
    setFeatureNames: (dataset, names) => setNames(dataset, names, names.length),
    freeDataset: (dataset) => free(dataset),
  };
}

type BoosterCalls = Omit<CApi, keyof DatasetCalls>;

function boosterCalls(checked: Checked): BoosterCalls {
  const create = checked(
    "int LGBM_BoosterCreate(void *train, const char *parameters, _Out_ void **out)",
  );
  const load = checked(
    "int LGBM_BoosterLoadModelFromString(const char *text, _Out_ int *iterations, _Out_ void **out)",
  );
  const addValidation = checked("int LGBM_BoosterAddValidData(void *booster, void *dataset)");
  const update = checked("int LGBM_BoosterUpdateOneIter(void *booster, _Out_ int *finished)");
  const scores = checked(
    "int LGBM_BoosterGetPredict(void *booster, int data, _Out_ int64_t *count, void *out)",
  );
  const gains = checked(
    "int LGBM_BoosterFeatureImportance(void *booster, int iterations, int kind, void *out)",
  );
  const free = checked("int LGBM_BoosterFree(void *booster)");
  return {
    createBooster: (dataset, parameters) => pointer((out) => create(dataset, parameters, out)),
    loadBooster: (modelText) => pointer((out) => load(modelText, [0], out)),
    addValidation: (booster, dataset) => addValidation(booster, dataset),
    update: (booster) => {
      const finished = [0];
      update(booster, finished);
      return finished[0] === 1;
    },
    scores: (booster, data, out) => scores(booster, data, [0], out),
    predict: predictCall(checked),
    gains: (booster, iterations, features) => {
      const out = new Float64Array(features);
      gains(booster, iterations, gainImportance, out);
      return out;
    },
    modelText: modelTextCall(checked),
    freeBooster: (booster) => free(booster),
  };
}

function predictCall(checked: Checked): CApi["predict"] {
  const predict = checked(
    "int LGBM_BoosterPredictForMat(void *booster, const void *data, int type, int32_t rows, int32_t columns, int is_row_major, int kind, int start, int iterations, const char *parameters, _Out_ int64_t *count, void *out)",
  );
  const count = checked(
    "int LGBM_BoosterCalcNumPredict(void *booster, int rows, int kind, int start, int iterations, _Out_ int64_t *count)",
  );
  return (booster, matrix, { rows, features, kind, iterations, parameters }) => {
    const size: (number | bigint)[] = [0];
    count(booster, rows, predictKind[kind], 0, iterations, size);
    const out = new Float64Array(new SharedArrayBuffer(Number(size[0]) * 8));
    const shape = [float32Type, rows, features, rowMajor];
    predict(booster, matrix, ...shape, predictKind[kind], 0, iterations, parameters, size, out);
    return out;
  };
}

function modelTextCall(checked: Checked): CApi["modelText"] {
  const save = checked(
    "int LGBM_BoosterSaveModelToString(void *booster, int start, int iterations, int importance, int64_t size, _Out_ int64_t *needed, void *out)",
  );
  return (booster, iterations) => {
    const needed: (number | bigint)[] = [0];
    save(booster, 0, iterations, splitImportance, 0, needed, new Uint8Array(1));
    const text = new Uint8Array(Number(needed[0]));
    save(booster, 0, iterations, splitImportance, text.length, needed, text);
    return new TextDecoder().decode(text.subarray(0, text.length - 1));
  };
}

/** Rounds that GNU OpenMP's threads wait busily; on a busy machine its default of 300,000 made training ten times slower. */
const spinCount = "5000";

/** libgomp reads its environment once, when it is loaded; a value that the user set stays. */
function limitSpinning(): void {
  if (process.platform !== "linux") return;
  const setenv = koffi
    .load(null)
    .func("int setenv(const char *name, const char *value, int replace)");
  setenv("GOMP_SPINCOUNT", spinCount, 0);
}

function loadLibrary(path: string): LibraryHandle {
  try {
    limitSpinning();
    return koffi.load(path);
  } catch (cause) {
    throw new PipelineError(
      `lightgbm: ${path} cannot be loaded (${cause instanceof Error ? cause.message : String(cause)}); ` +
        "point LIGHTGBM_LIB at another library or run `gogooku3 setup lightgbm`",
      { cause },
    );
  }
}

function pointer(create: (out: unknown[]) => void): Handle {
  const out: unknown[] = [null];
  create(out);
  return out[0];
}
