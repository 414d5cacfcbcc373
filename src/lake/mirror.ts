// The home's lake, datasets and models mirrored to any S3 API: push, pull, verify. An index object says what the mirror holds.

import { createReadStream, createWriteStream, existsSync, readdirSync } from "node:fs";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import {
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
} from "@aws-sdk/client-s3";
import { z } from "zod";
import { ArtifactError, ConfigError, PipelineError, SourceError } from "../errors.ts";
import { hashFile } from "../hash.ts";
import { noProgress, type OnProgress } from "../progress.ts";
import { isTemporary, publishWith } from "../publish.ts";
import { acquireLock } from "./lock.ts";

export interface MirrorSettings {
  readonly endpoint: string | undefined;
  readonly region: string;
  readonly bucket: string;
  /** Put before every key; default none. */
  readonly prefix: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export interface MirrorOptions {
  readonly home: string;
  /** Folders of the home that are mirrored; default lake, datasets, models. */
  readonly folders?: readonly string[];
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: OnProgress;
}

export interface PushOptions extends MirrorOptions {
  /** Asks after every object instead of believing the index: mends what was damaged in the bucket. */
  readonly check?: boolean | undefined;
}

export interface Transfer {
  readonly files: number;
  readonly transferred: number;
  readonly bytes: number;
}

const entrySchema = z.object({ sha256: z.string(), size: z.int().nonnegative() });
const indexSchema = z.object({ version: z.literal(1), files: z.record(z.string(), entrySchema) });

type Entry = z.infer<typeof entrySchema>;
type Index = z.infer<typeof indexSchema>;

const noop = (): void => undefined;
const silent = { debug: noop, info: noop, warn: noop, error: noop };
const indexName = "mirror.json";
const defaultFolders = ["lake", "datasets", "models"];

/** A mirror in one bucket. Every object carries its SHA-256, so a transfer that was cut goes on where it stopped. */
export class Mirror {
  readonly #client: S3Client;
  readonly #settings: MirrorSettings;

  constructor(settings: MirrorSettings) {
    const { endpoint, region, accessKeyId, secretAccessKey } = settings;
    this.#settings = settings;
    this.#client = new S3Client({
      region,
      credentials: { accessKeyId, secretAccessKey },
      forcePathStyle: endpoint !== undefined,
      ...(endpoint === undefined ? {} : { endpoint }),
      requestChecksumCalculation: "WHEN_REQUIRED",
      responseChecksumValidation: "WHEN_REQUIRED",
      // What fails is thrown and says what, where and the way out; the SDK would warn on the console besides.
      logger: silent,
    });
  }

  /** Uploads what the mirror lacks, data before manifests, the index last and only if nobody else moved it. */
  async push(options: PushOptions): Promise<Transfer> {
    const { home, folders = defaultFolders, signal, onProgress = noProgress, check } = options;
    const remote = await this.#index();
    const files: Record<string, Entry> = {};
    let transferred = 0;
    let bytes = 0;
    const names = localFiles(home, folders);
    for (const [done, name] of names.entries()) {
      stopIfAborted(signal, "push");
      const path = join(home, name);
      const entry = { sha256: await hashFile(path), size: (await stat(path)).size };
      files[name] = entry;
      const isIndexed = check !== true && remote.index.files[name]?.sha256 === entry.sha256;
      const isThere = isIndexed || (await this.#holds(name, entry));
      if (!isThere) {
        await this.#put(name, path, entry);
        transferred += 1;
        bytes += entry.size;
      }
      onProgress({ stage: "push", done: done + 1, total: names.length });
    }
    await this.#putIndex({ version: 1, files }, remote.etag);
    return { files: names.length, transferred, bytes };
  }

  /** Downloads what differs, checks every hash, and puts manifests in place last, under the lake's writer lock. */
  async pull(options: MirrorOptions): Promise<Transfer> {
    const { home, signal, onProgress = noProgress } = options;
    const { index } = await this.#index();
    const names = Object.keys(index.files).toSorted(dataFirst);
    if (names.length === 0) {
      throw new ConfigError(`mirror: nothing was pushed to ${this.#place(indexName)} yet`);
    }
    const lock = await acquireLock(join(home, "lake"), "mirror pull");
    let transferred = 0;
    let bytes = 0;
    try {
      for (const [done, name] of names.entries()) {
        stopIfAborted(signal, "pull");
        const path = join(home, safeName(name));
        const entry = index.files[name];
        if (!(existsSync(path) && (await hashFile(path)) === entry.sha256)) {
          await this.#fetch(name, path, entry);
          transferred += 1;
          bytes += entry.size;
        }
        onProgress({ stage: "pull", done: done + 1, total: names.length });
      }
    } finally {
      await lock.release();
    }
    return { files: names.length, transferred, bytes };
  }

  /** Names of indexed objects that are missing or have another size or hash than the index says. */
  async verify(): Promise<{ files: number; broken: string[] }> {
    const { index } = await this.#index();
    const broken: string[] = [];
    for (const [name, entry] of Object.entries(index.files)) {
      if (!(await this.#holds(name, entry))) broken.push(name);
    }
    return { files: Object.keys(index.files).length, broken };
  }

  close(): void {
    this.#client.destroy();
  }

  async #index(): Promise<{ index: Index; etag: string | undefined }> {
    try {
      const answer = await this.#client.send(new GetObjectCommand(this.#address(indexName)));
      const text = (await answer.Body?.transformToString()) ?? "";
      const parsed = indexSchema.safeParse(JSON.parse(text));
      if (parsed.success) return { index: parsed.data, etag: answer.ETag };
      throw new ArtifactError(`mirror: ${this.#place(indexName)} is not an index of this version`);
    } catch (error) {
      if (isMissing(error)) return { index: { version: 1, files: {} }, etag: undefined };
      throw this.#failure(indexName, error);
    }
  }

  async #putIndex(index: Index, etag: string | undefined): Promise<void> {
    const body = JSON.stringify(index);
    const condition = etag === undefined ? { IfNoneMatch: "*" } : { IfMatch: etag };
    try {
      await this.#client.send(
        new PutObjectCommand({ ...this.#address(indexName), Body: body, ...condition }),
      );
    } catch (error) {
      if (error instanceof S3ServiceException && error.$metadata.httpStatusCode === 412) {
        throw new SourceError(
          "mirror: somebody else pushed in between; run the push again",
          { endpoint: this.#place(indexName), status: 412, retryable: true },
          { cause: error },
        );
      }
      throw this.#failure(indexName, error);
    }
  }

  async #holds(name: string, { sha256, size }: Entry): Promise<boolean> {
    try {
      const head = await this.#client.send(new HeadObjectCommand(this.#address(name)));
      return head.Metadata?.["sha256"] === sha256 && head.ContentLength === size;
    } catch (error) {
      if (isMissing(error)) return false;
      throw this.#failure(name, error);
    }
  }

  async #put(name: string, path: string, { sha256, size }: Entry): Promise<void> {
    try {
      await this.#client.send(
        new PutObjectCommand({
          ...this.#address(name),
          Body: createReadStream(path),
          ContentLength: size,
          Metadata: { sha256 },
        }),
      );
    } catch (error) {
      throw this.#failure(name, error);
    }
  }

  async #fetch(name: string, path: string, { sha256 }: Entry): Promise<void> {
    await publishWith(path, async (temporary) => {
      try {
        const answer = await this.#client.send(new GetObjectCommand(this.#address(name)));
        if (!(answer.Body instanceof Readable)) throw new TypeError("an empty body");
        await pipeline(answer.Body, createWriteStream(temporary));
      } catch (error) {
        throw this.#failure(name, error);
      }
      const found = await hashFile(temporary);
      if (found !== sha256) {
        throw new ArtifactError(
          `mirror: ${name} has sha256 ${found.slice(0, 12)}, the index says ${sha256.slice(0, 12)}; it was pushed anew in between or is damaged: run the pull again`,
        );
      }
    });
  }

  #address(name: string): { Bucket: string; Key: string } {
    return { Bucket: this.#settings.bucket, Key: `${this.#settings.prefix}${name}` };
  }

  #place(name: string): string {
    return `s3://${this.#settings.bucket}/${this.#settings.prefix}${name}`;
  }

  #failure(name: string, error: unknown): Error {
    if (error instanceof ArtifactError) return error;
    const reason = error instanceof Error ? error.message : String(error);
    const status = error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
    return new SourceError(
      `mirror: ${this.#place(name)}: ${reason}; the local files are whole, run it again to go on`,
      { endpoint: this.#place(name), retryable: true, ...(status === undefined ? {} : { status }) },
      { cause: error },
    );
  }
}

function stopIfAborted(signal: AbortSignal | undefined, what: string): void {
  if (signal?.aborted !== true) return;
  throw new PipelineError(`mirror: ${what} stopped; run it again to go on`, {
    cause: signal.reason,
  });
}

/** Files of the mirrored folders, data before the manifests that name them. */
function localFiles(home: string, folders: readonly string[]): string[] {
  return folders
    .filter((folder) => existsSync(join(home, folder)))
    .flatMap((folder) =>
      readdirSync(join(home, folder), { recursive: true, withFileTypes: true })
        .filter(
          (entry) => entry.isFile() && !isTemporary(entry.name) && entry.name !== "writer.lock",
        )
        .map((entry) => join(entry.parentPath, entry.name).slice(home.length + 1)),
    )
    .filter((name) => !name.includes("/.tmp-"))
    .toSorted(dataFirst);
}

function dataFirst(left: string, right: string): number {
  const order = Number(isPointer(left)) - Number(isPointer(right));
  if (order !== 0) return order;
  return left < right ? -1 : 1;
}

function isPointer(name: string): boolean {
  return name.endsWith("manifest.json") || name.endsWith("latest");
}

/** An index from outside must not name a place outside the home. */
function safeName(name: string): string {
  if (name.startsWith("/") || name.split("/").includes("..")) {
    throw new ArtifactError(`mirror: the index names ${name}, a place outside the home folder`);
  }
  return name;
}

function isMissing(error: unknown): boolean {
  return error instanceof S3ServiceException && error.$metadata.httpStatusCode === 404;
}
