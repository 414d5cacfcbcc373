// Forecasts of one session: made, published with their origin, found again.

export {
  type ForecastFiles,
  forecastFiles,
  type ForecastManifest,
  forecastDates,
  levelName,
  publishForecast,
  readForecastManifest,
} from "./forecast-files.ts";
export {
  forecastSession,
  type ForecastSessionOptions,
  type SessionForecast,
  type SessionStock,
} from "./forecast-session.ts";
export { type DayForecast, strongest } from "./strongest.ts";
