// What the nightly run is given.

import type { Clock } from "../../clock.ts";
import type { JquantsClient } from "../../ingest/client.ts";
import type { Plan } from "../../jquants/index.ts";
import type { OnProgress } from "../../progress.ts";

export interface NightlyOptions {
  readonly home: string;
  readonly client: JquantsClient;
  readonly plan: Plan;
  readonly clock: Clock;
  /** Endpoint paths; default those of the tables that the lake holds. */
  readonly endpoints?: readonly string[] | undefined;
  /** Path of LightGBM's native library: the reasons of its forecasts come from it. */
  readonly library?: string | undefined;
  /** Worker threads of the dataset build; default one a core. The bytes do not depend on it. */
  readonly threads?: number;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: OnProgress;
}
