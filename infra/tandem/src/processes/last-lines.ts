// The end of a log file.
import { open } from "node:fs/promises";

const LOOK_BYTES = 64 * 1024;

export async function lastLines(path: string, count: number): Promise<string[]> {
  const file = await open(path).catch(() => undefined);
  if (!file) return [];
  try {
    const { size } = await file.stat();
    const bytes = Buffer.alloc(Math.min(size, LOOK_BYTES));
    await file.read(bytes, 0, bytes.length, size - bytes.length);
    const lines = bytes.toString("utf8").trimEnd().split("\n");
    // The first may be cut.
    return lines.slice(bytes.length < size ? 1 : 0).slice(-count);
  } finally {
    await file.close();
  }
}
