// A program of a Debian package, unpacked into the cache: needs no root, installs nothing, and no init script
// starts a second server. apt checks signatures. Package lists are fetched into the cache where the machine
// has none.
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { ServersFailure } from "../failure.ts";
import { cachedFolder, type Fetched } from "./cached-folder.ts";
import { runTool } from "./run-tool.ts";

export function debianPackage(cache: string, name: string, ifMissing: string): Fetched {
  return cachedFolder({
    cache,
    name,
    pin: "debian",
    lock: name,
    async fetchInto(folder, signal) {
      const archives = join(folder, "archives");
      const lists = join(folder, "lists");
      for (const dir of [archives, lists]) mkdirSync(join(dir, "partial"), { recursive: true });
      const options = ["-o", "Debug::NoLocking=1", "-o", `Dir::Cache::archives=${archives}`];
      const ownLists = ["-o", `Dir::State::lists=${lists}`, "-o", `Dir::Cache=${folder}`];
      const what = ["install", "-y", "--no-install-recommends", "--download-only", name];
      const apt = (args: readonly string[]): Promise<string> =>
        runTool({ command: "apt-get", args, ifMissing, signal });
      try {
        await apt([...options, ...what]);
      } catch (error) {
        // Lists that are missing or older than what the mirror keeps.
        if (!(error instanceof ServersFailure) || error.message.includes(ifMissing)) throw error;
        await apt([...ownLists, ...options, "update"]);
        await apt([...ownLists, ...options, ...what]);
      }
      for (const file of readdirSync(archives)) {
        if (!file.endsWith(".deb")) continue;
        const args = ["-x", join(archives, file), folder];
        await runTool({ command: "dpkg-deb", args, ifMissing, signal });
      }
      for (const dir of [archives, lists]) rmSync(dir, { recursive: true, force: true });
    },
  });
}

/** The folders of shared libraries in an unpacked package, as LD_LIBRARY_PATH has them. */
export function librariesOf(folder: string): string {
  const lib = join(folder, "usr", "lib");
  try {
    const dirs = readdirSync(lib).filter((name) => name.includes("-linux-"));
    return dirs.map((name) => join(lib, name)).join(":");
  } catch {
    return "";
  }
}
