// What tests of the file log say to it, and how they look at what it answers.
import type { AppendResult, EventLog } from "@tandem/shared-logic";
import { readAll } from "@tandem/shared-logic/testing";
import type { FileLayer } from "../../src/embedded/files/file-layer.ts";
import { removeFile } from "../../src/embedded/files/whole-file.ts";

export const KEY = new Uint8Array(2);
export const put = (log: EventLog, ...texts: string[]): Promise<readonly AppendResult[]> =>
  log.append(
    "events",
    texts.map((t) => ({ partition: 0, key: KEY, value: new TextEncoder().encode(t) })),
  );
export const texts = async (log: EventLog): Promise<string[]> =>
  (await readAll(log, "events", 0)).map((r) => new TextDecoder().decode(r.value));
export const outcome = (results: readonly AppendResult[]): (number | string)[] =>
  results.map((r) => {
    if (r.ok) return r.offset;
    return "code" in r.error ? String(r.error.code) : "no code";
  });

/** A disk that lost what the commit files hold, and which offsets were readable. */
export async function emptyCommits(files: FileLayer): Promise<void> {
  for (const name of ["commit-0.log", "commit-1.log"]) {
    const file = await files.open(`/log/events/${name}`, "update");
    await file.truncate(0);
    await file.sync();
  }
  await removeFile(files, "/log/events/positions.json");
}
