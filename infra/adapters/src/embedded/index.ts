// Adapters that need nothing installed: files and node:sqlite.
export * from "./file-dead-letters.ts";
export * from "./key-hash.ts";
export * from "./sqlite-view-store.ts";
