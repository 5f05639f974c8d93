// The data directory's format version, written when it is made. Another version is refused with the
// way forward, never guessed at.
import { TandemError } from "@tandem/shared-logic";
import type { FileLayer } from "./files/file-layer.ts";
import { readFile, replaceFile } from "./files/whole-file.ts";

const DIRECTORY_FORMAT = 1;

/** The caller holds the directory's lock. Throws `format_version`. */
export async function checkFormat(files: FileLayer, folder: string): Promise<void> {
  const path = `${folder}/format.json`;
  const bytes = await readFile(files, path);
  if (bytes === undefined) {
    const text = `${JSON.stringify({ tandem: "data directory", format: DIRECTORY_FORMAT })}\n`;
    await replaceFile(files, path, new TextEncoder().encode(text), `${path}~`);
    return;
  }
  const found = formatOf(bytes);
  if (found === DIRECTORY_FORMAT) return;
  const newer = typeof found === "number" && found > DIRECTORY_FORMAT;
  throw new TandemError("format_version", {
    message: newer
      ? `${folder} has format ${found}; this version reads ${DIRECTORY_FORMAT}. Use the version that wrote it, or a newer one.`
      : `${path} names no format that this version reads (${DIRECTORY_FORMAT}). Restore it from a backup, or use another directory.`,
    details: { folder, found, reads: DIRECTORY_FORMAT },
  });
}

function formatOf(bytes: Uint8Array): unknown {
  try {
    return (JSON.parse(new TextDecoder().decode(bytes)) as { readonly format?: unknown }).format;
  } catch {
    return undefined;
  }
}
