// Files: weights as safetensors. Inference models as ONNX are written by `exportOnnx`.

export {
  decodeSafetensors,
  encodeSafetensors,
  type Expected,
  requireMetadata,
  requireTensors,
  type TensorFile,
} from "./safetensors.ts";
