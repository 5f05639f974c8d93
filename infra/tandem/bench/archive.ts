// Goal G4: bytes an event in the archive against the same events as gzip NDJSON. Event ids are random, and
// nothing makes them smaller: on both sides all have the same one.
import { gzipSync } from "node:zlib";
import { parquetCodec } from "@tandem/adapters/parquet";
import { makeRecord } from "@tandem/shared-logic";
import type { Row } from "./figure.ts";
import { batchesOf, factsOf } from "./held-log.ts";
import { goalFigure } from "./measured.ts";
import { makeWorkload } from "./workload.ts";

const EVENTS = Number(process.env["EVENTS"] ?? 300_000);
const OBJECT_EVENTS = 100_000;
const encoder = new TextEncoder();

export const archive: Row = async (say) => {
  const w = makeWorkload(EVENTS, Number(process.env["SEED"] ?? 1));
  const runs: number[] = [];
  let [ours, theirs] = [0, 0];
  for (let from = 0; from < w.count; from += OBJECT_EVENTS) {
    const until = Math.min(w.count, from + OBJECT_EVENTS);
    const records: Uint8Array[] = [];
    const lines: string[] = [];
    for (let i = from; i < until; i++) {
      const line = Buffer.from(w.bytes.subarray(w.starts[i]!, w.ends[i]!)).toString("latin1");
      lines.push(line.replace(/"event_id":"[^"]*"/, '"event_id":"e"'));
      const bytes = encoder.encode(lines.at(-1));
      const facts = factsOf(bytes, 0, bytes.length);
      records.push(makeRecord(facts, encoder.encode(`t${w.tenants[i]}`), w.arrivalMs[i]!));
    }
    const object = (await parquetCodec.encode(0, batchesOf(records))).length;
    const gzip = gzipSync(`${lines.join("\n")}\n`).length;
    say(`${records.length} events: ${object} bytes in the archive, ${gzip} as gzip NDJSON`);
    ours += object;
    theirs += gzip;
    runs.push(object / gzip);
  }
  return [goalFigure("archive", "G4", { ours: ours / w.count, peer: theirs / w.count, runs })];
};
