// Words that begin with a cache line. Where an array begins is up to the allocator, and in a process that has run for a
// while that is anywhere: a block that lies in two lines costs twice one that lies in one. WebAssembly's memories
// begin with a page.
import { PAGE_BYTES, webAssembly } from "../events/kernels/web-assembly.ts";

/** Fewer are near anyhow, and a memory of their own is a whole page. */
const LEAST_BYTES = 128 << 10;
/** Left out at the front of an array: glibc begins large ones 16 bytes behind a page. Elsewhere it does no harm. */
const LEFT_OUT = 12;

/** So many words of 0. `engine`: instead of the process's. */
export function alignedWords(count: number, engine = webAssembly): Uint32Array {
  const sizeBytes = 4 * count;
  if (engine && sizeBytes >= LEAST_BYTES) {
    try {
      const { buffer } = new engine.Memory({ initial: Math.ceil(sizeBytes / PAGE_BYTES) });
      return new Uint32Array(buffer, 0, count);
    } catch {
      // No room for one more memory.
    }
  }
  return new Uint32Array(count + LEFT_OUT).subarray(LEFT_OUT);
}
