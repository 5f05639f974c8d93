// A file in memory that knows what was synced and which changes were not: after a power cut each of
// those is there, is not, or is torn — a prefix of it, or any mixture of its 512-byte sectors — whatever
// became of the others.
import { below, type Random } from "@tandem/shared-logic";

const SECTOR_BYTES = 512;

type Change = { readonly at: number; readonly bytes: Uint8Array } | { readonly truncate: number };

/** Bytes that grow; what lies between the end and a later write is zero. */
class GrowingBytes {
  private bytes: Uint8Array;
  sizeBytes: number;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.sizeBytes = bytes.length;
  }

  write(at: number, bytes: Uint8Array): void {
    const end = at + bytes.length;
    if (end > this.bytes.length) {
      const wider = new Uint8Array(Math.max(end, this.bytes.length * 2));
      wider.set(this.bytes.subarray(0, this.sizeBytes));
      this.bytes = wider;
    }
    this.bytes.set(bytes, at);
    this.sizeBytes = Math.max(this.sizeBytes, end);
  }

  truncate(sizeBytes: number): void {
    if (sizeBytes > this.sizeBytes) this.write(sizeBytes, new Uint8Array(0));
    else this.bytes.fill(0, sizeBytes, this.sizeBytes);
    this.sizeBytes = sizeBytes;
  }

  apply(change: Change): void {
    if ("truncate" in change) this.truncate(change.truncate);
    else this.write(change.at, change.bytes);
  }

  slice(from: number, until: number): Uint8Array {
    return this.bytes.slice(Math.min(from, this.sizeBytes), Math.min(until, this.sizeBytes));
  }
}

export class CrashInode {
  private readonly now: GrowingBytes;
  private readonly synced: GrowingBytes;
  private unsynced: Change[] = [];

  /** A file with these bytes, durable. */
  constructor(bytes: Uint8Array = new Uint8Array(0)) {
    this.now = new GrowingBytes(bytes.slice());
    this.synced = new GrowingBytes(bytes.slice());
  }

  get sizeBytes(): number {
    return this.now.sizeBytes;
  }

  read(at: number, lengthBytes: number): Uint8Array {
    return this.now.slice(at, at + lengthBytes);
  }

  write(at: number, bytes: Uint8Array): void {
    this.change({ at, bytes: bytes.slice() });
  }

  truncate(sizeBytes: number): void {
    this.change({ truncate: sizeBytes });
  }

  sync(): void {
    for (const change of this.unsynced) this.synced.apply(change);
    this.unsynced = [];
  }

  /** What a power cut could leave. */
  image(random: Random): CrashInode {
    const left = new GrowingBytes(this.synced.slice(0, this.synced.sizeBytes));
    // Mostly lost, mostly kept, or anything: each of them finds other mistakes.
    const keptOfFour = 1 + below(random, 3);
    for (const change of this.unsynced) {
      if (below(random, 4) < keptOfFour) left.apply(change);
      else if ("bytes" in change) tear(left, change.at, change.bytes, random);
    }
    return new CrashInode(left.slice(0, left.sizeBytes));
  }

  private change(change: Change): void {
    this.now.apply(change);
    this.unsynced.push(change);
  }
}

function tear(left: GrowingBytes, at: number, bytes: Uint8Array, random: Random): void {
  const kind = below(random, 3);
  if (kind === 0) return;
  if (kind === 1) {
    left.write(at, bytes.subarray(0, below(random, bytes.length + 1)));
    return;
  }
  for (let from = 0; from < bytes.length; ) {
    const until = Math.min(bytes.length, from + SECTOR_BYTES - ((at + from) % SECTOR_BYTES));
    if (below(random, 2) === 0) left.write(at + from, bytes.subarray(from, until));
    from = until;
  }
}
