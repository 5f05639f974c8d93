// A day's whole life on the stores of the embedded installation, and on those of the memory.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { FolderObjectStore, SqliteViewStore } from "@tandem/adapters/embedded";
import { healingLife } from "./healing-life.ts";

test("on the memory's stores", () => healingLife({}));

test("on sqlite and a folder", async () => {
  const folder = mkdtempSync(join(tmpdir(), "tandem-life-"));
  const views = new SqliteViewStore(join(folder, "views.sqlite"));
  const objects = await FolderObjectStore.open(join(folder, "objects"));
  try {
    await healingLife({ views, objects });
  } finally {
    await views.close();
    await objects.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
