// How an answer goes over the wire: JSON, gzip on request, and the faults that strike the transport.

import { setTimeout as wait } from "node:timers/promises";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { FastifyReply, FastifyRequest } from "fastify";
import { responseTooLarge, serverError, tooManyRequests } from "./bodies.ts";
import { storagePath, type AnswerFault, type Faults } from "./faults.ts";
import { accessDenied, storageBroken, type StoredFile } from "./storage.ts";

const gzipAsync = promisify(gzip);

const jsonType = "application/json; charset=utf-8";

const slowMs = 40_000;

export interface Reply {
  readonly status: number;
  readonly body: string | object;
}

/** Answers a request for `path` with the fault in force that spares the API's own work; undefined when there is none. */
export function failedReply(faults: Faults, path: string): Reply | undefined {
  const fault = faults.take(path, [
    "rate-limit",
    "empty-429",
    "server-error",
    "bad-gateway",
    "unavailable",
    "too-large",
  ]);
  switch (fault?.kind) {
    case "rate-limit":
      return tooManyRequests;
    case "empty-429":
      return { status: 429, body: "" };
    case "server-error":
      return serverError;
    case "too-large":
      return responseTooLarge;
    case "bad-gateway":
      return { status: 502, body: { message: "Bad Gateway" } };
    case "unavailable":
      return { status: 503, body: { message: "Service Unavailable" } };
    default:
      return undefined;
  }
}

/** Sends a reply, compressed when the client asks for it, unless a fault of the transport is in force. */
export async function send(
  request: FastifyRequest,
  reply: FastifyReply,
  answer: Reply,
  transportFault: AnswerFault | undefined,
): Promise<FastifyReply> {
  const text = typeof answer.body === "string" ? answer.body : JSON.stringify(answer.body);
  const wantsGzip = /\bgzip\b/.test(String(request.headers["accept-encoding"] ?? ""));
  const body = wantsGzip ? await gzipAsync(text, { level: 1 }) : Buffer.from(text);
  reply.code(answer.status).header("content-type", jsonType).header("vary", "accept-encoding");
  if (wantsGzip) reply.header("content-encoding", "gzip");
  return transportFault === undefined ? reply.send(body) : sendBroken(reply, body, transportFault);
}

/** Sends a file of the storage, or what the storage says when its URL no longer works or a fault is in force. */
export async function sendFile(
  reply: FastifyReply,
  file: StoredFile | undefined,
  faults: Faults,
): Promise<FastifyReply> {
  const fault = faults.take(storagePath, [
    "expired",
    "server-error",
    "bad-gateway",
    "unavailable",
    "drop",
    "truncate",
    "short",
    "slow",
  ]);
  const status = fault === undefined ? undefined : storageStatuses.get(fault.kind);
  if (status !== undefined) return reply.code(status).type(xmlType).send(storageBroken);
  if (file === undefined || fault?.kind === "expired") {
    return reply.code(403).type(xmlType).send(accessDenied);
  }
  reply.type(file.contentType);
  return fault === undefined ? reply.send(file.bytes) : sendBroken(reply, file.bytes, fault);
}

const xmlType = "application/xml";

const storageStatuses: ReadonlyMap<AnswerFault["kind"], number> = new Map([
  ["server-error", 500],
  ["bad-gateway", 502],
  ["unavailable", 503],
]);

/** Drops the connection, stops in the middle of the body, gives half of it for the whole, or lets the client wait. */
async function sendBroken(
  reply: FastifyReply,
  body: Buffer,
  fault: AnswerFault,
): Promise<FastifyReply> {
  if (fault.kind === "slow") {
    await wait(fault.ms ?? slowMs);
    return reply.send(body);
  }
  if (fault.kind === "short") return reply.send(body.subarray(0, Math.floor(body.length / 2)));
  reply.hijack();
  const { raw } = reply;
  if (fault.kind === "truncate") {
    raw.writeHead(reply.statusCode, { ...headersOf(reply), "content-length": body.length });
    await new Promise<void>((done) => {
      raw.write(body.subarray(0, Math.floor(body.length / 2)), () => done());
    });
  }
  raw.destroy();
  return reply;
}

function headersOf(reply: FastifyReply): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(reply.getHeaders())) headers[name] = String(value);
  return headers;
}
