// One dataset's folder: `dataset.json` with the number of partitions, a folder for each partition, and
// the positions. The dataset exists once `dataset.json` does, which is written last.
import { type Clock, TandemError } from "@tandem/shared-logic";
import type { FileLayer } from "../files/file-layer.ts";
import { readFile, replaceFile } from "../files/whole-file.ts";
import { type CommitOptions, GroupCommit } from "./group-commit.ts";
import type { PartitionLog } from "./partition-log.ts";
import { PositionsFile } from "./positions-file.ts";
import { recoverPartition } from "./recover-partition.ts";
import { segmentPath } from "./segment.ts";

export interface DatasetOptions extends CommitOptions {
  readonly files: FileLayer;
  readonly clock: Clock;
  readonly segmentBytes: number;
  readonly tailBytes: number;
}

export interface DatasetLog {
  readonly partitions: readonly PartitionLog[];
  readonly commits: GroupCommit;
  readonly positions: PositionsFile;
}

const FORMAT = 2;
const datasetFile = (folder: string) => `${folder}/dataset.json`;
const partitionFolder = (folder: string, partition: number) => `${folder}/${partition}`;

/** Makes the folders and first segments of a dataset that does not exist; `folder` itself must. */
export async function createDataset(
  files: FileLayer,
  folder: string,
  partitions: number,
): Promise<void> {
  for (let p = 0; p < partitions; p++) {
    const inside = partitionFolder(folder, p);
    await files.mkdir(inside);
    const first = segmentPath(inside, 0);
    // What an interrupted creation left is empty and just as good.
    if ((await files.stat(first)) === undefined) {
      const file = await files.open(first, "create");
      await file.sync();
      await file.close();
    }
    await files.syncDirectory(inside);
  }
  await files.syncDirectory(folder);
  const bytes = new TextEncoder().encode(`${JSON.stringify({ format: FORMAT, partitions })}\n`);
  const path = datasetFile(folder);
  await replaceFile(files, path, bytes, `${path}~`);
}

/** Opens and recovers a dataset; undefined where its creation was not finished. */
export async function openDataset(
  options: DatasetOptions,
  folder: string,
): Promise<DatasetLog | undefined> {
  const { files } = options;
  const path = datasetFile(folder);
  const bytes = await readFile(files, path);
  if (bytes === undefined) return undefined;
  await files.syncDirectory(folder);
  const count = partitionCount(path, bytes);
  const partitions: PartitionLog[] = [];
  const { positions, ends } = await PositionsFile.open(files, `${folder}/positions.json`, () =>
    partitions.map((p) => p.range.end),
  );
  try {
    for (let p = 0; p < count; p++) {
      const inside = partitionFolder(folder, p);
      partitions.push(
        await recoverPartition({ ...options, folder: inside, partition: p }, ends[p] ?? 0),
      );
    }
  } catch (error) {
    for (const p of partitions) await p.close();
    throw error;
  }
  return { partitions, commits: new GroupCommit(partitions, options), positions };
}

function partitionCount(path: string, bytes: Uint8Array): number {
  let stored: { readonly format?: unknown; readonly partitions?: unknown };
  try {
    stored = JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw new TandemError("corrupt_bytes", {
      message: `${path} is no JSON.`,
      details: { path },
      cause,
    });
  }
  if (stored.format !== FORMAT) {
    throw new TandemError("format_version", {
      message: `${path} has format ${JSON.stringify(stored.format)}; this version reads ${FORMAT}.`,
      details: { path, format: stored.format },
    });
  }
  if (!Number.isInteger(stored.partitions)) {
    throw new TandemError("corrupt_bytes", { details: { path, partitions: stored.partitions } });
  }
  return Number(stored.partitions);
}
