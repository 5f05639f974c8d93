// Opens a partition's folder. Only the last segment can have been torn: it is cut off at its first bad
// frame and synced before anything is served, so that what is readable now is readable after the next
// power cut. Older segments were synced whole before the next one was begun.
import { TandemError } from "@tandem/shared-logic";
import { PartitionLog } from "./partition-log.ts";
import type { PartitionOptions } from "./partition-options.ts";
import { Segment, segmentBase } from "./segment.ts";

/** `knownEnd`: an offset that was readable once; a log that ends below it has lost records. */
export async function recoverPartition(
  options: PartitionOptions,
  knownEnd: number,
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
  const file = await files.open(segment.path, "update-synced");
  try {
    const { end, sizeBytes } = await segment.recover(file);
    if (end < knownEnd) {
      throw new TandemError("corrupt_bytes", {
        message: `${segment.path} is damaged at byte ${sizeBytes}: it ends at offset ${end}, but offsets below ${knownEnd} were readable.`,
        details: { path: segment.path, positionBytes: sizeBytes, end, knownEnd },
      });
    }
    if ((await file.sizeBytes()) > sizeBytes) await file.truncate(sizeBytes);
    await file.sync();
    await files.syncDirectory(folder);
    return new PartitionLog(options, segments, { segment, file, sizeBytes }, end);
  } catch (error) {
    await file.close();
    throw error;
  }
}
