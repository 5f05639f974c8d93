// Where a bridge stands in a partition of its source: a small file of the checkpoint store, by topic and group.
import { TandemError } from "@tandem/shared-logic";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export const offsetName = (topic: string, group: string, partition: number): string =>
  `bridge/${topic}/${group}/${partition}`;

/** `offset`: the first that is not brought over for sure. */
export const encodeOffset = (offset: number): Uint8Array =>
  encoder.encode(JSON.stringify({ version: 1, offset }));

/** Throws `corrupt_bytes`. */
export function decodeOffset(bytes: Uint8Array, name: string): number {
  try {
    const { version, offset } = JSON.parse(decoder.decode(bytes)) as Record<string, unknown>;
    if (version === 1 && Number.isSafeInteger(offset) && Number(offset) >= 0) return Number(offset);
  } catch {
    // Said below.
  }
  throw new TandemError("corrupt_bytes", { details: { what: name } });
}
