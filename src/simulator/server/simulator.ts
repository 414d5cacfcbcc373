// A J-Quants V2 server over a synthetic market: a fastify app, usable by inject or by listening on a port.

import { fastify, type FastifyInstance, type FastifyRequest } from "fastify";
import { systemClock, type Clock, type ManualClock } from "../../clock.ts";
import { ConfigError } from "../../errors.ts";
import type { Addon, Plan } from "../../jquants/index.ts";
import { withDerived } from "../derived/index.ts";
import { unknownEndpoint } from "./bodies.ts";
import { BulkFiles } from "./bulk-files.ts";
import type { SimulatorContext } from "./context.ts";
import { registerControl } from "./control.ts";
import { Faults, type Fault } from "./faults.ts";
import { pageBytes as defaultPageBytes } from "./paging.ts";
import { readQuery } from "./parameters.ts";
import { RateLimiter } from "./rate-limiter.ts";
import { failedReply, send, sendFile } from "./replies.ts";
import { answerRequest } from "./requests.ts";
import { RowStore, type ServedMarket } from "./served-market.ts";
import { SignedStorage, storagePrefix } from "./storage.ts";

export interface SimulatorOptions {
  readonly market: ServedMarket;
  readonly plan: Plan;
  /** Add-ons subscribed to beside the plan; default both. */
  readonly addons?: readonly Addon[];
  /** The virtual present in Japan; POST /__sim/clock moves it. */
  readonly clock: ManualClock;
  /** False serves as many requests as come; default true. */
  readonly rateLimits?: boolean;
  readonly faults?: readonly Fault[];
  /** Time by which limits refill and signed URLs expire; default the machine's clock. */
  readonly wallClock?: Clock;
  /** The only key that is let in; without it every key is, except `invalid`. */
  readonly apiKey?: string;
  /** Bytes of JSON after which a page ends; default 5,000,000. */
  readonly pageBytes?: number;
}

/** Builds the server. It answers as soon as it is built; `listen` opens a port. */
export function createSimulator(options: SimulatorOptions): FastifyInstance {
  const context = createContext(options);
  const app = fastify({ logger: false, routerOptions: { ignoreTrailingSlash: false } });
  app.addHook("onRequest", (_request, reply, done) => {
    void reply.header("x-simulated", "1");
    done();
  });
  registerControl(app, context, options.clock);
  app.get(`${storagePrefix}*`, (request, reply) => {
    const file = context.storage.redeem(readQuery(request.query).get("X-Amz-Signature") ?? "");
    return sendFile(reply, file, context.faults);
  });
  app.post("/v2/cli/api-key", () => ({ apiKey: options.apiKey ?? "simulated" }));
  app.all("/v2/*", (request, reply) => {
    const path = pathOf(request).slice("/v2".length);
    const failed = failedReply(context.faults, path);
    const answer = failed ?? answerRequest(context, apiRequest(request));
    const transportFault = context.faults.take(path, ["drop", "truncate", "short", "slow"]);
    return send(request, reply, answer, transportFault);
  });
  app.setNotFoundHandler((request, reply) => {
    const answer = pathOf(request).startsWith("/v1")
      ? answerRequest(context, apiRequest(request))
      : unknownEndpoint;
    return send(request, reply, answer, undefined);
  });
  app.setErrorHandler((error, _request, reply) => {
    const status = error instanceof ConfigError ? 400 : 500;
    const message = error instanceof Error ? error.message : String(error);
    return reply.code(status).send({ message });
  });
  return app;
}

function createContext(options: SimulatorOptions): SimulatorContext {
  const { clock, plan, market, wallClock = systemClock } = options;
  const faults = new Faults();
  faults.add(options.faults ?? [], clock.nowMs());
  const store = new RowStore(withDerived(market), faults);
  return {
    plan,
    addons: options.addons ?? ["minute", "td"],
    apiKey: options.apiKey,
    clock,
    limiter: options.rateLimits === false ? undefined : new RateLimiter(wallClock, plan),
    faults,
    store,
    bulk: new BulkFiles(store),
    storage: new SignedStorage(wallClock),
    pageBytes: options.pageBytes ?? defaultPageBytes,
  };
}

function apiRequest(request: FastifyRequest): Parameters<typeof answerRequest>[1] {
  return {
    method: request.method,
    path: pathOf(request),
    query: readQuery(request.query),
    apiKey: headerText(request, "x-api-key"),
    authorization: headerText(request, "authorization"),
    origin: `${request.protocol}://${request.host}`,
  };
}

function pathOf({ url }: FastifyRequest): string {
  return url.split("?")[0];
}

function headerText({ headers }: FastifyRequest, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}
