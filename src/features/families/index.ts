// Every family of features and every event source: one import and one entry each.

import type { EventSource } from "../event-sources.ts";
import type { Family } from "../feature.ts";
import { cross } from "./cross.ts";
import { crossSections } from "./cross-section.ts";
import { indices } from "./indices.ts";
import { interactions } from "./interactions.ts";
import { marketFamily } from "./market.ts";
import { sector } from "./sector.ts";
import { calendarFamily, gaps, morning } from "./session.ts";
import { validity } from "./validity.ts";
import { peers } from "./peers.ts";
import { price } from "./price.ts";
import { technical } from "./technical.ts";
import { volatility } from "./volatility.ts";

export const families: readonly Family[] = [
  price,
  technical,
  volatility,
  marketFamily,
  cross,
  sector,
  crossSections,
  indices,
  gaps,
  morning,
  calendarFamily,
  validity,
  interactions,
  peers,
];

export const eventSources: readonly EventSource[] = [];
