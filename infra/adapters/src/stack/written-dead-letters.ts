// What collectors and bridges of this data directory have rejected, read by a process that is none of them: their
// segments are looked at and never changed. Undefined where there are no such folders: they are on another machine.
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { type Clock, DEAD_LETTER_LIMITS, type Reason, TandemError } from "@tandem/shared-logic";
import { decodeLine, linesOf } from "../embedded/dead-letter-line.ts";
import { dataFolders } from "./data-folders.ts";

interface Rejected {
  readonly tenant: string;
  readonly reason: Reason;
  readonly receivedMs: number;
}

export interface WrittenDeadLetters {
  list(query: {
    readonly tenant: string;
    readonly limit: number;
  }): Promise<readonly Pick<Rejected, "reason">[] | undefined>;
}

export function writtenDeadLetters(
  dataDir: string,
  clock: Pick<Clock, "now">,
  { retentionMs } = DEAD_LETTER_LIMITS,
): WrittenDeadLetters {
  // Segments only grow: one of the same length says the same.
  let known = new Map<string, { readonly sizeBytes: number; readonly entries: Rejected[] }>();

  async function segments(): Promise<string[] | undefined> {
    const owners = (await namesIn(dataDir)).filter((name) =>
      /^(?:collector|bridge)-\d+$/.test(name),
    );
    if (owners.length === 0) return undefined;
    const folders = owners.map((name) => dataFolders(join(dataDir, name)).deadLetters);
    const found = await Promise.all(
      folders.map(async (f) => (await namesIn(f)).map((name) => join(f, name))),
    );
    return found.flat().filter((path) => path.endsWith(".ndjson"));
  }

  async function entriesOf(path: string) {
    const { size: sizeBytes } = await stat(path);
    const before = known.get(path);
    if (before?.sizeBytes === sizeBytes) return before;
    const entries: Rejected[] = [];
    for (const line of linesOf(await readFile(path))) {
      const letter = decodeLine(line, "");
      if (!letter) continue;
      const { tenant, reason, receivedMs } = letter;
      entries.push({ tenant, reason, receivedMs });
    }
    return { sizeBytes, entries };
  }

  return {
    async list({ tenant, limit }) {
      try {
        const paths = await segments();
        if (!paths) return undefined;
        const read = new Map<string, Awaited<ReturnType<typeof entriesOf>>>();
        // A segment may be given up between the two looks.
        for (const path of paths) {
          const segment = await entriesOf(path).catch(unlessGone);
          if (segment) read.set(path, segment);
        }
        known = read;
        const sinceMs = clock.now() - retentionMs;
        return [...read.values()]
          .flatMap((s) => s.entries.filter((e) => e.tenant === tenant && e.receivedMs > sinceMs))
          .slice(0, limit);
      } catch (cause) {
        throw new TandemError("store_unavailable", { message: "dead letters", cause });
      }
    },
  };
}

function unlessGone(error: unknown): undefined {
  if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
}

const namesIn = async (folder: string): Promise<string[]> =>
  (await readdir(folder).catch(unlessGone)) ?? [];
