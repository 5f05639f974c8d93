// Dead letters as NDJSON segments `<first id>.ndjson` in a folder, one entry per line, readable with
// any text tool. Rotation and removal go by whole segments. Entries are written but not fsynced one by
// one: a power cut may take the last seconds, which is fair for copies of what was rejected anyway.
// A process never appends to another one's segment, so a torn line is always its segment's last.
import { type FileHandle, mkdir, open, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import {
  type Clock,
  DEAD_LETTER_LIMITS,
  type DeadLetter,
  type DeadLetterLimits,
  type DeadLetters,
  type RejectedEvent,
  TandemError,
} from "@tandem/shared-logic";
import { decodeLine, encodeLine, linesOf } from "./dead-letter-line.ts";

interface Segment {
  readonly path: string;
  /** Ids first … first + entries − 1, one per line. */
  readonly first: number;
  entries: number;
  sizeBytes: number;
  oldestMs: number;
  newestMs: number;
}

/** The cap and the retention are each kept in this many steps. */
const STEPS = 16;
const EXTENSION = ".ndjson";
const padded = (seq: number): string => String(seq).padStart(16, "0");

export async function fileDeadLetters(
  folder: string,
  clock: Clock,
  limits: DeadLetterLimits = DEAD_LETTER_LIMITS,
): Promise<DeadLetters> {
  const segmentBytes = limits.totalBytes / STEPS;
  const segments: Segment[] = await failing(() => openSegments(folder));
  const last = segments.at(-1);
  // Ids begin at the moment of opening, in µs: they grow even where nothing older is left to count on.
  let next = Math.max(clock.now() * 1000, last === undefined ? 0 : last.first + last.entries);
  let dropped = 0;
  let file: FileHandle | undefined;
  let queue: Promise<unknown> = Promise.resolve();

  /** Changes happen one after the other, in the order they were asked for. */
  function inTurn<T>(change: () => Promise<T>): Promise<T> {
    const result = queue.then(() => failing(change));
    queue = result.catch(() => {});
    return result;
  }

  async function closeFile(): Promise<void> {
    const closing = file;
    file = undefined;
    await closing?.close();
  }

  async function remove(count: number): Promise<void> {
    const gone = segments.slice(0, count);
    if (gone.length === segments.length) await closeFile();
    for (const segment of gone) {
      await rm(segment.path, { force: true });
      segments.shift();
    }
  }

  /** Whole segments of which every entry is past the retention. */
  async function expire(): Promise<void> {
    const limitMs = clock.now() - limits.retentionMs;
    const young = segments.findIndex((s) => s.newestMs > limitMs);
    await remove(young < 0 ? segments.length : young);
  }

  /** Gives up the oldest segments until `bytes` more fit. */
  async function makeRoom(bytes: number): Promise<void> {
    let total = segments.reduce((sum, s) => sum + s.sizeBytes, bytes);
    let count = 0;
    for (; total > limits.totalBytes && count < segments.length; count++) {
      total -= segments[count]?.sizeBytes ?? 0;
      dropped += segments[count]?.entries ?? 0;
    }
    await remove(count);
  }

  /** The segment to write `bytes` more into, received at `receivedMs`. */
  async function target(bytes: number, receivedMs: number): Promise<Segment> {
    const current = segments.at(-1);
    const fits =
      current !== undefined &&
      file !== undefined &&
      (current.entries === 0 || current.sizeBytes + bytes <= segmentBytes) &&
      receivedMs - current.oldestMs <= limits.retentionMs / STEPS;
    if (fits) return current;
    await closeFile();
    const path = join(folder, padded(next) + EXTENSION);
    file = await open(path, "wx");
    const fresh = {
      path,
      first: next,
      entries: 0,
      sizeBytes: 0,
      oldestMs: receivedMs,
      newestMs: receivedMs,
    };
    segments.push(fresh);
    return fresh;
  }

  return {
    add: (events) =>
      inTurn(async () => {
        await expire();
        for (const chunk of chunksOf(events, limits.entryBytes, segmentBytes)) {
          const bytes = Buffer.concat(chunk.lines);
          await makeRoom(bytes.length);
          const segment = await target(bytes.length, chunk.newestMs);
          next += chunk.lines.length;
          try {
            await file?.appendFile(bytes);
          } catch (error) {
            // What a failed write left behind must be its segment's end.
            await closeFile();
            throw error;
          }
          segment.entries += chunk.lines.length;
          segment.sizeBytes += bytes.length;
          segment.oldestMs = Math.min(segment.oldestMs, chunk.oldestMs);
          segment.newestMs = Math.max(segment.newestMs, chunk.newestMs);
        }
      }),

    list: ({ tenant, after = "", limit }) =>
      inTurn(async () => {
        const limitMs = clock.now() - limits.retentionMs;
        const found: DeadLetter[] = [];
        for (const segment of segments) {
          if (found.length >= limit) break;
          if (padded(segment.first + segment.entries - 1) <= after) continue;
          let seq = segment.first;
          for (const line of linesOf(await readFile(segment.path))) {
            const id = padded(seq++);
            if (id <= after) continue;
            if (found.length >= limit) break;
            const entry = decodeLine(line, id);
            if (entry === undefined || entry.receivedMs <= limitMs) continue;
            if (tenant === undefined || entry.tenant === tenant) found.push(entry);
          }
        }
        return found;
      }),

    count: () =>
      inTurn(async () => {
        await expire();
        const limitMs = clock.now() - limits.retentionMs;
        let entries = 0;
        let sizeBytes = 0;
        for (const s of segments) {
          sizeBytes += s.sizeBytes;
          entries += s.oldestMs > limitMs ? s.entries : await countFresh(s, limitMs);
        }
        return { entries, sizeBytes, dropped };
      }),

    close: () => inTurn(closeFile),
  };
}

interface Chunk {
  readonly lines: Buffer[];
  sizeBytes: number;
  oldestMs: number;
  newestMs: number;
}

/** Lines in portions of one write each, none larger than a segment where its lines are not. */
function chunksOf(
  events: readonly RejectedEvent[],
  entryBytes: number,
  limitBytes: number,
): Chunk[] {
  const chunks: Chunk[] = [];
  for (const event of events) {
    const line = encodeLine(event, entryBytes);
    let chunk = chunks.at(-1);
    if (chunk === undefined || chunk.sizeBytes + line.length > limitBytes) {
      chunk = { lines: [], sizeBytes: 0, oldestMs: event.receivedMs, newestMs: event.receivedMs };
      chunks.push(chunk);
    }
    chunk.lines.push(line);
    chunk.sizeBytes += line.length;
    chunk.oldestMs = Math.min(chunk.oldestMs, event.receivedMs);
    chunk.newestMs = Math.max(chunk.newestMs, event.receivedMs);
  }
  return chunks;
}

async function openSegments(folder: string): Promise<Segment[]> {
  await mkdir(folder, { recursive: true });
  const names = (await readdir(folder)).filter((name) => name.endsWith(EXTENSION)).sort();
  const segments: Segment[] = [];
  for (const name of names) {
    const path = join(folder, name);
    const bytes = await readFile(path);
    const times: number[] = [];
    for (const line of linesOf(bytes)) times.push(decodeLine(line, "")?.receivedMs ?? 0);
    if (times.length === 0) await rm(path, { force: true });
    else {
      const [oldestMs, newestMs] = [
        times.reduce((a, b) => Math.min(a, b)),
        times.reduce((a, b) => Math.max(a, b)),
      ];
      const first = Number.parseInt(name, 10);
      segments.push({
        path,
        first,
        entries: times.length,
        sizeBytes: bytes.length,
        oldestMs,
        newestMs,
      });
    }
  }
  return segments;
}

async function countFresh(segment: Segment, limitMs: number): Promise<number> {
  let fresh = 0;
  for (const line of linesOf(await readFile(segment.path))) {
    if ((decodeLine(line, "")?.receivedMs ?? 0) > limitMs) fresh++;
  }
  return fresh;
}

async function failing<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof Error && "code" in cause) {
      throw new TandemError("store_unavailable", {
        message: "Dead letters cannot be stored or read.",
        cause,
      });
    }
    throw cause;
  }
}
