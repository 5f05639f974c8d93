// Adapters that need nothing installed: files and node:sqlite.
export {};
