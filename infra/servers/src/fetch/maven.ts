// A Java server as a folder of jars: what the profile of this name in pom.xml lists, and all that needs.
// Maven checks every file against the repository's checksum (-C). Its local repository does not bear two
// Mavens at once, so they take turns.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { cachedFolder, type Fetched } from "./cached-folder.ts";
import { runTool } from "./run-tool.ts";

const pom = fileURLToPath(new URL("../../pom.xml", import.meta.url));
// Pinned like the servers: an unpinned one is whatever the installed Maven prefers.
const GOAL = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies";

export function jars(cache: string, profile: string): Fetched {
  const section = readFileSync(pom, "utf8")
    .split("<profile>")
    .find((text) => text.includes(`<id>${profile}</id>`));
  if (section === undefined) throw new RangeError(`pom.xml has no profile ${profile}`);
  return cachedFolder({
    cache,
    name: profile,
    pin: section,
    lock: "maven",
    async fetchInto(folder, signal) {
      const into = ["-DincludeScope=runtime", `-DoutputDirectory=${folder}`];
      await runTool({
        command: "mvn",
        args: ["-q", "-B", "-C", "-f", pom, "-P", profile, GOAL, ...into],
        ifMissing: "install Maven 3.6 or newer (Debian: apt-get install maven), then try again",
        signal,
      });
    },
  });
}
