// Temporary sets whose owner ended without stopping them, by SIGKILL say: the next one that starts kills their
// servers and removes their folders. Only folders of this user are looked at.
import { readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { foldersOf } from "./folders.ts";
import { pidFileNames, runningProcess } from "./process/pid-file.ts";
import { killAll } from "./process/signals.ts";

export const TEMPORARY = "tandem-servers-";
/** The pid file, beside `run/`, of the process that a temporary set belongs to. */
export const OWNER = "owner";

/** Between making a folder and naming its owner lie milliseconds. */
const NEWBORN_MS = 60_000;

export async function sweepAbandoned(
  parent: string,
  say: (line: string) => void,
  nowMs = Date.now(),
): Promise<void> {
  for (const name of readdirSync(parent)) {
    if (!name.startsWith(TEMPORARY)) continue;
    const folder = join(parent, name);
    const found = statSync(folder, { throwIfNoEntry: false });
    if (!found?.isDirectory() || found.uid !== process.getuid?.()) continue;
    if (runningProcess(folder, OWNER) !== undefined) continue;
    const owned = pidFileNames(folder).includes(OWNER);
    if (!owned && nowMs - found.birthtimeMs < NEWBORN_MS) continue;
    await killAll(foldersOf(folder).run);
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    say(`removed the abandoned set ${folder}`);
  }
}
