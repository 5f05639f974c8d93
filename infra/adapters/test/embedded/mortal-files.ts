// Files whose power goes at their n-th operation: that one may or may not have happened (a sync has
// not), and none after it does. Now and then the disk is full in the middle of a log write.
import { below, type Random } from "@tandem/shared-logic";
import type { FileLayer } from "../../src/embedded/files/file-layer.ts";
import { interceptedFiles } from "../../src/embedded/files/intercepted-files.ts";

export class PowerCut extends Error {}

export function mortalFiles(
  files: FileLayer,
  cutAtOperation: number,
  random: Random,
): FileLayer & { readonly isCut: () => boolean } {
  let operations = 0;
  const around = interceptedFiles(files, async (operation, path, apply, partly) => {
    operations++;
    if (operations > cutAtOperation) throw new PowerCut();
    if (operations === cutAtOperation) {
      if (operation !== "sync" && operation !== "syncDirectory") await apply();
      throw new PowerCut();
    }
    if (operation === "write" && path.endsWith(".log") && below(random, 60) === 0) {
      await partly?.(below(random, 400));
      throw Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" });
    }
    return apply();
  });
  return { ...around, isCut: () => operations >= cutAtOperation };
}
