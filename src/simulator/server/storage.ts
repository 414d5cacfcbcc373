// The object storage behind signed URLs: each URL works once, until it expires.

import type { Clock } from "../../clock.ts";
import { hashBytes } from "../../hash.ts";

export interface StoredFile {
  readonly contentType: string;
  readonly bytes: Buffer;
}

interface Ticket {
  readonly load: () => StoredFile;
  readonly expiresAtMs: number;
}

export const storagePrefix = "/__storage/";

/** Issues URLs and redeems them. */
export class SignedStorage {
  readonly #clock: Clock;
  readonly #tickets = new Map<string, Ticket>();
  #issued = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Path and query of a URL for the object `key`; its last path segment is the file's name. */
  sign(key: string, lifetimeMs: number, load: () => StoredFile): string {
    this.#issued += 1;
    const signature = hashBytes(`${this.#issued}/${key}`);
    this.#tickets.set(signature, { load, expiresAtMs: this.#clock.nowMs() + lifetimeMs });
    const expires = lifetimeMs / 1000;
    return `${storagePrefix}${key}?X-Amz-Expires=${expires}&X-Amz-Signature=${signature}`;
  }

  /** The file of a signature, once; undefined when it is unknown, used or expired. */
  redeem(signature: string): StoredFile | undefined {
    const ticket = this.#tickets.get(signature);
    this.#tickets.delete(signature);
    if (ticket === undefined || this.#clock.nowMs() > ticket.expiresAtMs) return undefined;
    return ticket.load();
  }
}

/** What the storage says to a URL that no longer works. */
export const accessDenied =
  '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>';

/** What the storage says when it fails itself. */
export const storageBroken =
  '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>InternalError</Code><Message>We encountered an internal error. Please try again.</Message></Error>';
