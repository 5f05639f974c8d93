// The folder as an object store against the port's contract, and what a crash leaves in it.
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { objectStoreSuite } from "@tandem/shared-logic/testing";
import { CrashFiles } from "../../src/embedded/files/crash-files.ts";
import { nodeFiles } from "../../src/embedded/files/node-files.ts";
import { FolderObjectStore } from "../../src/embedded/folder-object-store.ts";
import { freshFolder } from "../fresh-folder.ts";

for (const [name, place] of [
  ["node", () => ({ root: freshFolder(), files: nodeFiles })],
  ["memory", () => ({ root: "/objects", files: new CrashFiles() })],
] as const) {
  objectStoreSuite({
    test: (title, body) => test(`${title} (${name})`, body),
    open: async () => {
      const { root, files } = place();
      return {
        store: await FolderObjectStore.open(root, files),
        // Opening cleans up: it must not disturb who is at work.
        another: () => FolderObjectStore.open(root, files),
      };
    },
  });
}

test("an unfinished put is not shown and is cleaned away", async () => {
  const root = freshFolder();
  mkdirSync(`${root}/~tmp`);
  writeFileSync(`${root}/~tmp/left-behind`, "half an obj");
  const store = await FolderObjectStore.open(root);
  for await (const { key } of store.list("")) assert.fail(`${key} is shown`);
  assert.deepEqual(await nodeFiles.readdir(`${root}/~tmp`), []);
});

test("a store opened meanwhile by another thread takes no bytes from a put under way", async () => {
  const files = new CrashFiles();
  const stores = await Promise.all([1, 2].map(() => FolderObjectStore.open("/o", files)));
  let working = true;
  const opening = (async () => {
    while (working) await FolderObjectStore.open("/o", files);
  })();
  for (let i = 0; i < 200; i++) {
    const bytes = new Uint8Array(100).fill(i);
    await Promise.all(stores.map((s) => s.putIfAbsent(`k/${i}`, bytes)));
    assert.deepEqual(await stores[0]?.get(`k/${i}`), bytes);
  }
  working = false;
  await opening;
});

test("a key that leaves the folder is a bug of the caller", async () => {
  const store = await FolderObjectStore.open("/o", new CrashFiles());
  for (const key of ["", "/a", "a/", "a//b", "../a", "a/./b", "ä", "a~b", "a b"]) {
    await assert.rejects(async () => store.get(key), RangeError, key);
  }
});
