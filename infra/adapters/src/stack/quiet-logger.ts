// A logger whose warnings and errors do not flood: the first of a kind is written at once, then one line every
// ten seconds that says in `heldBack` how many like it were not. Kinds differ by message, place, code and words,
// numbers left out.
import type { Clock, EpochMs } from "@tandem/shared-logic";
import type { ProcessLogger } from "./process-logger.ts";

const EVERY_MS = 10_000;
/** Beyond, all are forgotten: a kind more is a line more. */
const KINDS = 200;

interface Kind {
  at: EpochMs;
  heldBack: number;
}
type Write = (fields: object, message: string) => void;

export function quietLogger<L extends ProcessLogger>(
  logger: L,
  clock: Pick<Clock, "now">,
  everyMs = EVERY_MS,
): L {
  const kinds = new Map<string, Kind>();
  const quiet =
    (write: Write): Write =>
    (fields, message) => {
      const now = clock.now();
      const name = kindOf(fields, message);
      const known = kinds.get(name);
      if (known && now - known.at < everyMs) {
        known.heldBack++;
        return;
      }
      if (kinds.size >= KINDS) kinds.clear();
      kinds.set(name, { at: now, heldBack: 0 });
      const heldBack = known?.heldBack ?? 0;
      write.call(logger, heldBack > 0 ? { ...fields, heldBack } : fields, message);
    };
  // Everything else is the logger's own.
  return Object.assign(Object.create(logger) as L, {
    warn: quiet(logger.warn),
    error: quiet(logger.error),
  });
}

function kindOf(fields: object, message: string): string {
  const { where, what, code, err } = fields as Readonly<Record<string, unknown>>;
  const words = [where, what, code, err instanceof Error ? err.message : undefined, message];
  return JSON.stringify(words).replaceAll(/\d+/g, "#");
}
