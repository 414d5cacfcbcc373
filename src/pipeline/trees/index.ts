// LightGBM runs as models: registered, loaded, forecast with.

export { forecastTrees } from "./forecast-trees.ts";
export { loadTrees, registerTrees, type TreesModel } from "./trees-model.ts";
