// Server-sent events as bytes (WHATWG HTML, 9.2). JSON has no line breaks, so that one data line holds it.
import type { PointBook, ResetWhy, Since } from "./point-book.ts";

export const HEARTBEAT = Buffer.from(":\n\n");

export type EndWhy = "closing" | "slow_reader" | "key" | "question" | "internal";

export interface EventId {
  /** Of the process: numbers of another say nothing here. */
  readonly boot: string;
  readonly seq: number;
}

/** An event without data sets the id and is told to nobody. */
export const idFrame = ({ boot, seq }: EventId): string => `id: ${boot}.${seq}\n\n`;

export function parseEventId(text: string | undefined, boot: string): number | undefined {
  const match = /^(\w+)\.(\d{1,15})$/.exec(text ?? "");
  return match?.[1] === boot ? Number(match[2]) : undefined;
}

/** `seq`: what the reader has; undefined: nothing. */
export function changeFrame(
  ask: string,
  book: PointBook,
  seq: number | undefined,
  why: ResetWhy,
): Buffer {
  const since: Since | ResetWhy = seq === undefined ? why : book.changesSince(seq);
  const head = book.head.slice(1, -1);
  const named = `"ask":${JSON.stringify(ask)}`;
  if (typeof since === "string") {
    const points = book.all().join(",");
    return frame("reset", `{${named},"why":"${since}",${head},"points":[${points}]}`);
  }
  const [points, gone] = [since.points.join(","), since.gone.join(",")];
  const order = since.order === undefined ? "" : `,"order":${since.order}`;
  return frame("cells", `{${named},${head},"points":[${points}],"gone":[${gone}]${order}}`);
}

export const endFrame = (why: EndWhy, more: object = {}): Buffer =>
  frame("end", JSON.stringify({ why, ...more }));

/** How long a reader waits before it comes again. */
export const retryFrame = (ms: number): Buffer => Buffer.from(`retry: ${ms}\n\n`);

const frame = (event: string, data: string): Buffer =>
  Buffer.from(`event: ${event}\ndata: ${data}\n\n`);
