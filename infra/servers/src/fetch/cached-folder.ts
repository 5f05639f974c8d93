// One folder of the cache for one server in one version. It is made under another name and renamed when
// whole, so that half a download is never taken for a good one; a changed pin is another folder.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { messageOf, ServersFailure } from "../failure.ts";
import { locked } from "../process/lock.ts";
import type { Progress } from "../server.ts";

export interface Wanted {
  readonly cache: string;
  readonly name: string;
  /** What is fetched, with its version: any text that changes when the content should. */
  readonly pin: string;
  /** Fetches under the same lock take turns, also those of other processes. */
  readonly lock: string;
  fetchInto(folder: string, signal: AbortSignal): Promise<void>;
}

/** Something fetched, or to be fetched: where it lies once `fetch` resolved. */
export interface Fetched {
  readonly folder: string;
  fetch(progress: Progress): Promise<void>;
}

export function cachedFolder(wanted: Wanted): Fetched {
  const folder = cachedPath(wanted);
  return { folder, fetch: (progress) => fetchOnce(folder, wanted, progress) };
}

function cachedPath({ cache, name, pin }: Wanted): string {
  const hash = createHash("sha256").update(pin).digest("hex").slice(0, 8);
  return join(cache, `${name}-${hash}`);
}

async function fetchOnce(path: string, wanted: Wanted, progress: Progress): Promise<void> {
  if (existsSync(path)) return;
  mkdirSync(wanted.cache, { recursive: true });
  await locked(wanted.cache, wanted.lock, progress, async () => {
    if (existsSync(path)) return;
    const began = performance.now();
    const seconds = (): string => ((performance.now() - began) / 1000).toFixed(1);
    progress.say(`fetching ${wanted.name} (first time only)`);
    const alive = setInterval(() => progress.say(`still fetching ${wanted.name}`), 20_000);
    const part = `${path}.part`;
    try {
      rmSync(part, { recursive: true, force: true });
      mkdirSync(part);
      await wanted.fetchInto(part, progress.signal);
      renameSync(part, path);
    } catch (error) {
      if (!(error instanceof ServersFailure)) throw error;
      throw new ServersFailure(`${wanted.name} could not be fetched: ${messageOf(error)}`);
    } finally {
      clearInterval(alive);
      rmSync(part, { recursive: true, force: true });
    }
    progress.say(`fetched ${wanted.name} in ${seconds()} s`);
  });
}
