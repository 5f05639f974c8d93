// For processes that run batch units or speed loops. V8 counts the bytes of typed arrays apart from its heap, and
// collects all of the heap each time 64 MB of them have come. A unit's columns, sets and tables are such bytes: most of its
// collections, a quarter of its CPU, found nothing that was garbage (docs/decisions/batch-memory.md); so are
// the filters, cells and encoded rows of a speed loop.
import { setFlagsFromString } from "node:v8";

/** The first major version of V8 that is known to have the flag; one that has not complains on stderr. */
const FIRST_MAJOR = 13;

/** Arrays count together with the heap from now on, in all threads. Call it before units or loops run. */
export function countArrayBytesWithHeap(): void {
  if (Number.parseInt(process.versions.v8, 10) < FIRST_MAJOR) return;
  setFlagsFromString("--external-memory-accounted-in-global-limit");
}
