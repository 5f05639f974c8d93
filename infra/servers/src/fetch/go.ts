// A Go program compiled into the cache. Go checks its modules against the checksum database, as far as the
// user's Go settings let it. Without cgo, so that no C compiler is needed.
import { cachedFolder, type Fetched } from "./cached-folder.ts";
import { runTool } from "./run-tool.ts";

export function goProgram(cache: string, name: string, moduleAtVersion: string): Fetched {
  return cachedFolder({
    cache,
    name,
    pin: moduleAtVersion,
    lock: name,
    async fetchInto(folder, signal) {
      await runTool({
        command: "go",
        args: ["install", "-ldflags=-s -w", moduleAtVersion],
        env: { GOBIN: folder, CGO_ENABLED: "0" },
        ifMissing: "install Go 1.25 or newer (go.dev/dl), then try again",
        signal,
      });
    },
  });
}
