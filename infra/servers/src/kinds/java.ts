// The Java that runs the JVM servers, its version checked before a server fails on it in many lines, and the
// flags both servers share.
import { join } from "node:path";
import { ServersFailure } from "../failure.ts";
import { runTool } from "../fetch/run-tool.ts";

export interface Java {
  readonly command: string;
  /** `17.0.15`. */
  readonly version: string;
}

const HOW =
  "install a Java 17 (Debian: apt-get install openjdk-17-jre-headless), or set JAVA_HOME to one";

/** Of JAVA_HOME, else of PATH. Cassandra 5.0 runs on no newer one than 17. */
export async function findJava(
  server: string,
  newest: number,
  signal: AbortSignal,
  home = process.env["JAVA_HOME"],
): Promise<Java> {
  const command = home ? join(home, "bin", "java") : "java";
  const text = await runTool({ command, args: ["-version"], ifMissing: HOW, signal });
  const version = / version "([^"]+)"/.exec(text)?.[1] ?? "unknown";
  const major = Number.parseInt(version, 10);
  if (major >= 17 && major <= newest) return { command, version };
  throw new ServersFailure(`${server} does not run on this Java ${version} (${command}): ${HOW}`);
}

/**
 * A small first heap: Cassandra, as root, locks all of it in memory. A server that is out of memory ends: half
 * dead it would only make its clients hang. Only the quick compiler: servers that live for minutes would give half a
 * core for most of them to the other one, which pays off in hours.
 */
export const jvmFlags = (heap: string): string[] => [
  "-Xms256m",
  `-Xmx${heap}`,
  "-XX:+ExitOnOutOfMemoryError",
  "-XX:-UsePerfData",
  "-XX:TieredStopAtLevel=1",
];
