// All layers in this process on a folder of its own: each step is a command line that opens the folder and
// leaves it, so that every next one begins from what is on disk.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "@tandem/adapters/embedded";
import type { Answer } from "@tandem/shared-logic";
import { Tandem } from "../src/tandem.ts";
import { type OpenSystem, tandemCommand } from "./system.ts";

export const openEmbedded: OpenSystem = async ({ metricFolders }) => {
  const dataDir = await mkdtemp(join(tmpdir(), "tandem-check-"));
  const common = ["--data", dataDir, ...metricFolders.flatMap((folder) => ["--metrics", folder])];
  let tandem: Tandem | undefined;
  return {
    archiveFiles: join(dataDir, "objects/archive/*/*/*.parquet"),
    load: (file) => tandemCommand(["load", file, ...common]),
    seal: () => tandemCommand(["batch", "run", "--include-open", ...common]),
    async query({ metric, grain, by }, { from, until }) {
      tandem ??= await Tandem.open({ dataDir, clock: systemClock(), metricFolders });
      const grouping = by.flatMap((dim) => ["--by", dim]);
      const range = ["--from", from, "--until", until, "--grain", grain];
      const argv = ["query", metric, ...range, ...grouping, "--format", "json"];
      return JSON.parse(await tandemCommand(argv, tandem)) as Answer;
    },
    async close() {
      await tandem?.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
};
