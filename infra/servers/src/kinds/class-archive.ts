// Class data sharing (JEP 350): a JVM that stops normally leaves an archive of its loaded classes, and later
// ones start from it in half the time. It is written in the data folder and moved to the cache when its JVM
// has ended well, so that no JVM ever reads half of one.
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import type { Folders } from "../folders.ts";
import type { Java } from "./java.ts";

const MADE_BY = "classes-of-";

const folderOf = (folders: Folders, server: string): string =>
  join(folders.run, `${MADE_BY}${server}`);

/** Flags that use the archive of these jars, or else have one made. One that does not fit, the JVM ignores. */
export function classArchiveFlags(
  folders: Folders,
  server: string,
  jarFolder: string,
  java: Java,
): string[] {
  const archive = `${jarFolder}-java-${java.version}.jsa`;
  if (existsSync(archive)) return [`-XX:SharedArchiveFile=${archive}`];
  const folder = folderOf(folders, server);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  return [`-XX:ArchiveClassesAtExit=${join(folder, basename(archive))}`];
}

/** After the server has ended: keeps its archive if it ended well. */
export function keepClassArchive(
  folders: Folders,
  cache: string,
  server: string,
  endedWell: boolean,
): void {
  const folder = folderOf(folders, server);
  if (endedWell && existsSync(folder) && existsSync(cache)) {
    for (const file of readdirSync(folder)) {
      try {
        renameSync(join(folder, file), join(cache, file));
      } catch {
        // Another file system, perhaps: the next start is as slow as this one was.
      }
    }
  }
  rmSync(folder, { recursive: true, force: true });
}
