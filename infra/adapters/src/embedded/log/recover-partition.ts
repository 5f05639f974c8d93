// Opens a partition's folder. Only the last segment can have been torn: it is cut off at its first bad
// frame, gets back from the commit files what it has lost, and is synced before anything is served, so that
// what is readable now is readable after the next power cut. Older segments were synced whole before the
// next one was begun.
import { TandemError } from "@tandem/shared-logic";
import { orFail } from "../files/file-failure.ts";
import type { OpenFile } from "../files/file-layer.ts";
import type { FoundPart } from "./commit-record.ts";
import { frameEnd } from "./frame.ts";
import { PartitionLog } from "./partition-log.ts";
import type { PartitionOptions } from "./partition-options.ts";
import { Segment, segmentBase } from "./segment.ts";
import { Segments } from "./segments.ts";

/**
 * `knownEnd`: an offset that was readable once; a log that ends below it has lost records. `commits`: what the
 * commit files have of this partition, in order.
 */
export async function recoverPartition(
  options: PartitionOptions,
  knownEnd: number,
  commits: readonly FoundPart[] = [],
): Promise<PartitionLog> {
  const { files, folder } = options;
  const bases: number[] = [];
  for (const { name } of await files.readdir(folder)) {
    const base = segmentBase(name);
    if (base !== undefined) bases.push(base);
  }
  const segments = bases.sort((a, b) => a - b).map((base) => new Segment(files, folder, base));
  const segment = segments.at(-1);
  if (segment === undefined) {
    throw new TandemError("corrupt_bytes", {
      message: `${folder} has no segment file.`,
      details: { folder },
    });
  }
  const file = await files.open(segment.path, "update");
  try {
    const whole = await segment.recover(file);
    const { end, sizeBytes } = await replay(commits, segment, file, whole);
    const known = Math.max(knownEnd, ...commits.slice(-1).map((c) => c.base + c.count));
    if (end < known) {
      throw new TandemError("corrupt_bytes", {
        message: `${segment.path} is damaged at byte ${sizeBytes}: it ends at offset ${end}, but offsets below ${known} were readable.`,
        details: { path: segment.path, positionBytes: sizeBytes, end, knownEnd: known },
      });
    }
    if ((await file.sizeBytes()) > sizeBytes) await file.truncate(sizeBytes);
    await file.sync();
    await files.syncDirectory(folder);
    return new PartitionLog(
      options,
      new Segments(options, segments, { segment, file, sizeBytes }, end),
    );
  } catch (error) {
    await file.close();
    throw error;
  }
}

interface SegmentEnd {
  readonly end: number;
  readonly sizeBytes: number;
}

/** Writes what of `commits` lies behind the end; what begins beyond it does not connect and stays away. */
async function replay(
  commits: readonly FoundPart[],
  segment: Segment,
  file: OpenFile,
  whole: SegmentEnd,
): Promise<SegmentEnd> {
  let { end, sizeBytes } = whole;
  for (const { base, count, bytes } of commits) {
    const position = sizeBytes;
    if (base > end) break;
    if (base + count <= end) continue;
    let from = 0;
    for (let offset = base; offset < end; offset++) from = frameEnd(bytes, from, bytes.length);
    const lost = bytes.subarray(from);
    await orFail("log_unavailable", segment.path, () => file.write(position, lost));
    segment.note(end, position);
    end = base + count;
    sizeBytes += lost.length;
  }
  return { end, sizeBytes };
}
