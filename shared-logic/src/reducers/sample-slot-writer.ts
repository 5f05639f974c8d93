// Encodes the samples of many cells, the large ones by what changed (written-sample.ts). What it keeps for that is
// bounded: of cells that were not written for the longest time it forgets everything, and writes them whole again.
import { ByteWriter } from "../codec/byte-writer.ts";
import type { UserSampleTable } from "../sketches/user-sample-table.ts";
import { type PerUserHeader, writeHeader } from "./per-user-header.ts";
import { sampleWriter, writeThreshold } from "./per-user-sample.ts";
import type { PerUserShape } from "./per-user-shape.ts";
import { WrittenSample } from "./written-sample.ts";

/** Fewer users are written whole as fast. */
const MANY_USERS = 24;
const MOST_BYTES = 16_000_000;

export class SampleSlotWriter<S> {
  private readonly shape: PerUserShape<S>;
  private readonly whole: ReturnType<typeof sampleWriter<S>>;
  private readonly header: Uint8Array;
  /** By slot; the one written last comes last. */
  private readonly written = new Map<number, WrittenSample<S>>();
  private readonly mostBytes: number;
  private sizeBytes = 0;

  constructor(shape: PerUserShape<S>, header: PerUserHeader, mostBytes = MOST_BYTES) {
    this.shape = shape;
    this.mostBytes = mostBytes;
    this.whole = sampleWriter(shape, header);
    this.header = writeHeader(new ByteWriter(), header).done();
  }

  /** Appends the bytes of a sample as they are now. */
  write(out: ByteWriter, slot: number, users: UserSampleTable<S>): void {
    const count = users.sort();
    if (count < MANY_USERS) {
      this.whole(out, users.sample());
      return;
    }
    let written = this.written.get(slot);
    if (written) this.forget(slot);
    else {
      written = new WrittenSample(this.shape);
      users.changed = true;
    }
    out.raw(this.header);
    written.write(out, users, count);
    writeThreshold(out, users.threshold);
    this.written.set(slot, written);
    this.sizeBytes += written.sizeBytes;
    for (const oldest of this.written.keys()) {
      if (this.sizeBytes <= this.mostBytes || oldest === slot) break;
      this.forget(oldest);
    }
  }

  /** The slot is another cell's from now on. */
  forget(slot: number): void {
    this.sizeBytes -= this.written.get(slot)?.sizeBytes ?? 0;
    this.written.delete(slot);
  }
}
