// What a long job tells its caller while it runs; only the command line turns it into bars and lines.

export interface ProgressEvent {
  /** What is being done, in a few words: "ingest daily bars". One bar a stage. */
  readonly stage: string;
  readonly done: number;
  readonly total: number;
  /** A short remark beside the bar: "1,204 rows/s". */
  readonly note?: string;
}

export type OnProgress = (event: ProgressEvent) => void;

/** For callers that do not listen. */
export const noProgress: OnProgress = () => undefined;
