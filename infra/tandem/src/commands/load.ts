// `tandem load`: NDJSON files through the collector's validation into the log, as an import: received time
// is the event's own timestamp unless the line says otherwise.
import { createReadStream } from "node:fs";
import { resolve } from "node:path";
import { PassThrough, pipeline } from "node:stream";
import { createGunzip } from "node:zlib";
import {
  COLLECTOR_LIMITS,
  type CollectorCounters,
  collectorCounters,
  createAcceptor,
} from "@tandem/ingest";
import { TandemError } from "@tandem/shared-logic";
import type { Tandem } from "../tandem.ts";
import type { Io } from "./io.ts";

const CHUNK_BYTES = 1 << 20;
const MAX_LINE_BYTES = 16 << 20;
const PROGRESS_EVENTS = 100_000;
const NEWLINE = 10;

export async function load(
  tandem: Tandem,
  files: readonly string[],
  tenant: string,
  io: Io,
): Promise<CollectorCounters> {
  const counters: CollectorCounters = collectorCounters();
  const acceptor = createAcceptor({
    ...tandem.ports,
    dataset: tandem.dataset.dataset,
    limits: { ...COLLECTOR_LIMITS, eventsPerRequest: Number.POSITIVE_INFINITY },
    counters,
  });
  let shown = 0;
  for (const file of files) {
    for await (const body of lines(file, io)) {
      const result = await acceptor.accept({ body, tenant, mode: "import" });
      if (!result) throw new RangeError("an import has no limit of events");
      const all = counters.accepted + counters.rejected;
      if (all - shown >= PROGRESS_EVENTS) {
        shown = all;
        io.err(`loaded ${counters.accepted} events, rejected ${counters.rejected} …\n`);
      }
    }
  }
  return counters;
}

/** Whole lines, about CHUNK_BYTES at a time. */
async function* lines(file: string, io: Io): AsyncGenerator<Uint8Array> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of source(file, io)) {
    rest = rest.length === 0 ? Buffer.from(chunk) : Buffer.concat([rest, chunk]);
    if (rest.length < CHUNK_BYTES) continue;
    const end = rest.lastIndexOf(NEWLINE);
    if (end < 0) {
      if (rest.length <= MAX_LINE_BYTES) continue;
      throw new TandemError("configuration", {
        message: `${file}: a line is longer than ${MAX_LINE_BYTES} bytes`,
      });
    }
    yield rest.subarray(0, end + 1);
    rest = Buffer.from(rest.subarray(end + 1));
  }
  if (rest.length > 0) yield rest;
}

async function* source(file: string, io: Io): AsyncGenerator<Uint8Array> {
  const bytes =
    file === "-" ? io.stdin : createReadStream(resolve(io.cwd, file), { highWaterMark: 1 << 18 });
  try {
    if (!file.endsWith(".gz")) {
      yield* bytes as AsyncIterable<Uint8Array>;
      return;
    }
    const out = new PassThrough({ highWaterMark: 1 << 20 });
    pipeline(bytes as NodeJS.ReadableStream, createGunzip(), out, () => undefined);
    yield* out as AsyncIterable<Uint8Array>;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new TandemError("configuration", { message: `${file} cannot be read: ${why}`, cause });
  }
}

/** Loads, lets the speed layer catch up, and prints what was done; the number of events to send again. */
export async function loadCommand(
  tandem: Tandem,
  files: readonly string[],
  tenant: string,
  io: Io,
): Promise<number> {
  const counters = await load(tandem, files, tenant, io);
  // Where the layers are other processes, the speed layer's follow by themselves.
  if (!tandem.started && !tandem.attached) await tandem.catchUp();
  io.out(`accepted ${counters.accepted}, rejected ${counters.rejected}, retry ${counters.retry}\n`);
  for (const [reason, n] of Object.entries(counters.rejectedBy))
    if (n > 0) io.out(`  ${reason} ${n}\n`);
  if (counters.retry > 0)
    io.err(`${counters.retry} events may not be stored: load the same files again\n`);
  return counters.retry;
}
