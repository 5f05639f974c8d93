// One dataset's folder: `dataset.json` with the number of partitions, a folder for each partition, the commit
// files, and the positions. The dataset exists once `dataset.json` does, which is written last. Format 2 had no
// commit files; it is read, and made format 3 at its opening, so that no older version opens it and misses them.
import { type Clock, TandemError } from "@tandem/shared-logic";
import type { FileLayer } from "../files/file-layer.ts";
import { readFile, replaceFile } from "../files/whole-file.ts";
import { CommitFiles, readCommits } from "./commit-files.ts";
import { type CommitOptions, GroupCommit } from "./group-commit.ts";
import type { PartitionLog } from "./partition-log.ts";
import { PositionsFile } from "./positions-file.ts";
import { recoverPartition } from "./recover-partition.ts";
import { RoundCommit } from "./round-commit.ts";
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
  readonly commitFiles: CommitFiles;
  readonly positions: PositionsFile;
}

const FORMAT = 3;
const OLD_FORMAT = 2;
/** Of a segment's size, a commit file's. */
const COMMIT_SHARE = 1 / 4;
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
  await writeDatasetFile(files, folder, partitions);
}

async function writeDatasetFile(
  files: FileLayer,
  folder: string,
  partitions: number,
): Promise<void> {
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
  const { format, count } = parseDataset(path, bytes);
  const found = await readCommits(files, folder);
  const partitions: PartitionLog[] = [];
  const { positions, ends } = await PositionsFile.open(files, `${folder}/positions.json`, () =>
    partitions.map((p) => p.range.end),
  );
  try {
    for (let p = 0; p < count; p++) {
      const own = { ...options, folder: partitionFolder(folder, p), partition: p };
      const commits = found.parts.filter(({ partition }) => partition === p);
      partitions.push(await recoverPartition(own, ends[p] ?? 0, commits));
    }
    if (format === OLD_FORMAT) await writeDatasetFile(files, folder, count);
    const limitBytes = options.segmentBytes * COMMIT_SHARE;
    const commitFiles = await CommitFiles.open(files, folder, limitBytes, found.next, () =>
      Promise.all(partitions.map((p) => p.sync())),
    );
    const target = new RoundCommit(partitions, commitFiles);
    return { partitions, commits: new GroupCommit(target, options), commitFiles, positions };
  } catch (error) {
    for (const p of partitions) await p.close();
    throw error;
  }
}

function parseDataset(
  path: string,
  bytes: Uint8Array,
): { readonly format: number; readonly count: number } {
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
  const { format } = stored;
  if (format !== FORMAT && format !== OLD_FORMAT) {
    throw new TandemError("format_version", {
      message: `${path} has format ${JSON.stringify(format)}; this version reads ${OLD_FORMAT} and ${FORMAT}.`,
      details: { path, format },
    });
  }
  if (!Number.isInteger(stored.partitions)) {
    throw new TandemError("corrupt_bytes", { details: { path, partitions: stored.partitions } });
  }
  return { format, count: Number(stored.partitions) };
}
