// Checkpoint files against the port's contract.
import { test } from "node:test";
import { checkpointStoreSuite } from "@tandem/shared-logic/testing";
import { FileCheckpointStore } from "../../src/embedded/file-checkpoint-store.ts";
import { CrashFiles } from "../../src/embedded/files/crash-files.ts";
import { nodeFiles } from "../../src/embedded/files/node-files.ts";
import { freshFolder } from "../fresh-folder.ts";

for (const [name, place] of [
  ["node", () => ({ root: freshFolder(), files: nodeFiles })],
  ["memory", () => ({ root: "/checkpoints", files: new CrashFiles() })],
] as const) {
  checkpointStoreSuite({
    test: (title, body) => test(`${title} (${name})`, body),
    open: async () => {
      const { root, files } = place();
      const open = () => FileCheckpointStore.open(root, files);
      return { store: await open(), reopen: open };
    },
  });
}
