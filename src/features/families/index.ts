// Every family of features and every event source: one import and one entry each.

import type { EventSource } from "../event-sources.ts";
import type { Family } from "../feature.ts";
import { price } from "./price.ts";
import { technical } from "./technical.ts";
import { volatility } from "./volatility.ts";

export const families: readonly Family[] = [price, technical, volatility];

export const eventSources: readonly EventSource[] = [];
