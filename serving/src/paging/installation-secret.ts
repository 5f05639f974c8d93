// The secret of an installation's cursors where none is configured: made at random by whoever needs it first and kept
// in one ledger row, so that every serving process of the dataset has the same.
import { randomBytes } from "node:crypto";
import { cursorSecretKey, TandemError, type ViewStore } from "@tandem/shared-logic";

export function installationSecret(
  views: Pick<ViewStore, "ledger" | "cas">,
  dataset: string,
): () => Promise<string> {
  const key = cursorSecretKey(dataset);
  let known: string | undefined;
  return async () => {
    known ??= (await views.ledger(key))?.value;
    if (known !== undefined) return known;
    // Who comes second takes what the first has written.
    await views.cas(key, 0, randomBytes(32).toString("base64url"));
    known = (await views.ledger(key))?.value;
    if (known === undefined)
      throw new TandemError("store_unavailable", {
        message: "the secret of the cursors cannot be kept",
        details: { dataset },
      });
    return known;
  };
}
