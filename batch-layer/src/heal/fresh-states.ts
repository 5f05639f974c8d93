// States that a heal has just read or made, handed on to whoever asks for them next in this process, once: they
// need not be read, proven and decoded again. What is not asked for makes way for newer ones.
import type { PartialRow } from "@tandem/shared-logic";
import type { KeptPartial } from "../read-partial.ts";

const LIMIT_BYTES = 32 * 1024 * 1024;

export class FreshStates {
  private readonly states = new Map<string, KeptPartial>();
  private sizeBytes = 0;

  /** `key`: says what the bytes are, so that they are the same whoever made them. */
  put(key: string, state: KeptPartial): void {
    this.take(key);
    this.states.set(key, state);
    this.sizeBytes += state.bytes.length;
    for (const oldest of this.states.keys()) {
      if (this.sizeBytes <= LIMIT_BYTES) break;
      this.take(oldest);
    }
  }

  take(key: string): readonly PartialRow[] | undefined {
    const state = this.states.get(key);
    if (!state) return undefined;
    this.states.delete(key);
    this.sizeBytes -= state.bytes.length;
    return state.rows;
  }
}
