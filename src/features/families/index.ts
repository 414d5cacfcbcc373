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
import { flow, flowEvents } from "./flow.ts";
import { statements, statementEvents } from "./statements.ts";
import { sessionNumbers, sessionNumberEvents } from "./session-numbers.ts";
import { earnings, releaseEvents, scheduleEvents } from "./earnings.ts";
import { expectedDividend, dividendForecastEvents } from "./expected-dividend.ts";
import { margin, marginEvents } from "./margin.ts";
import { dailyMargin, dailyMarginEvents } from "./daily-margin.ts";
import { shortPositions, shortPositionEvents } from "./short-positions.ts";
import { sectorShorts, marketShortEvents, sectorShortEvents } from "./sector-shorts.ts";
import { options, optionEvents } from "./options.ts";
import { flowInteractions } from "./flow-interactions.ts";
import { futures, futuresEvents } from "./futures.ts";
import { breakdown, breakdownEvents } from "./breakdown.ts";
import { macro, macroEvents } from "./macro.ts";
import { decay } from "./decay.ts";
import { sectorCap } from "./sector-cap.ts";
import { linkedPeers } from "./linked-peers.ts";
import { surprises } from "./surprises.ts";
import { dividends, dividendEvents } from "./dividends.ts";
import { details, detailEvents } from "./details.ts";

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
  decay,
  linkedPeers,
  flow,
  statements,
  surprises,
  sectorCap,
  sessionNumbers,
  earnings,
  expectedDividend,
  margin,
  dailyMargin,
  shortPositions,
  sectorShorts,
  options,
  flowInteractions,
  futures,
  breakdown,
  dividends,
  details,
  macro,
];

export const eventSources: readonly EventSource[] = [
  flowEvents,
  statementEvents,
  sessionNumberEvents,
  releaseEvents,
  scheduleEvents,
  dividendForecastEvents,
  marginEvents,
  dailyMarginEvents,
  shortPositionEvents,
  marketShortEvents,
  sectorShortEvents,
  optionEvents,
  ...futuresEvents,
  breakdownEvents,
  dividendEvents,
  detailEvents,
  ...macroEvents,
];
