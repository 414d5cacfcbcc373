// Progress on standard error: bars on a terminal, a quiet line a stage otherwise.

import { MultiBar, Presets, type SingleBar } from "cli-progress";
import type { OnProgress, ProgressEvent } from "../progress.ts";

export interface Progress {
  readonly onProgress: OnProgress;
  close(): void;
}

/** Bars when `stream` is a terminal; else one line when a stage begins and one when it ends. */
export function createProgress(stream: NodeJS.WriteStream): Progress {
  return stream.isTTY ? createBars(stream) : createLines(stream);
}

function createBars(stream: NodeJS.WriteStream): Progress {
  const bars = new MultiBar(
    {
      stream,
      hideCursor: true,
      format: "{stage} {bar} {percentage}% {value}/{total} {eta_formatted} {note}",
      barsize: 24,
    },
    Presets.shades_classic,
  );
  const byStage = new Map<string, SingleBar>();
  return {
    onProgress: ({ stage, done, total, note = "" }) => {
      const bar = byStage.get(stage) ?? bars.create(total, 0, { stage: stage.padEnd(28), note });
      byStage.set(stage, bar);
      bar.setTotal(total);
      bar.update(done, { note });
    },
    close: () => bars.stop(),
  };
}

function createLines(stream: NodeJS.WriteStream): Progress {
  const finished = new Map<string, boolean>();
  return {
    onProgress: (event) => {
      const wasFinished = finished.get(event.stage);
      const isFinished = event.done >= event.total;
      if (wasFinished === undefined || (isFinished && !wasFinished)) {
        stream.write(`${describe(event)}\n`);
      }
      finished.set(event.stage, isFinished);
    },
    close: () => undefined,
  };
}

function describe({ stage, done, total, note }: ProgressEvent): string {
  return [`${stage}: ${done}/${total}`, note].filter(Boolean).join(" ");
}
