// What is damaged stops what needs it and nothing else: a day or a week whose archive objects or kept states are
// gone or are not what was written is set aside with its error, and keeps the run it had; everything else goes on.
import { TandemError, type UtcDay } from "@tandem/shared-logic";

export interface SetAside {
  /** A day, or a week or month of a metric. */
  readonly at: string;
  readonly day?: UtcDay;
  readonly error: TandemError;
}

const DAMAGE = ["object_missing", "object_damaged", "corrupt_bytes"];

/** An object is gone or not what was written: trying again changes nothing, `tandem fsck --repair` may. */
export function isDamaged(error: unknown): error is TandemError {
  return (
    error instanceof TandemError &&
    DAMAGE.includes(error.code) &&
    damagedObject(error) !== undefined
  );
}

/** Which object it is, as far as the error tells. */
export function damagedObject({ details }: TandemError): string | undefined {
  const { object } = details;
  return typeof object === "string" ? object : undefined;
}

export const setAsideWords = ({ at, error }: SetAside): string =>
  `${at}: ${error.message} (${[error.code, damagedObject(error)].filter(Boolean).join(" ")})`;

/** For whoever takes a run for done only when nothing was set aside. */
export function refuseSetAside(found: readonly SetAside[]): void {
  const [first] = found;
  if (!first) return;
  throw new TandemError(first.error.code, {
    message: `${found.length} days, weeks or months cannot be computed: ${found.map(setAsideWords).join("; ")}`,
    details: { ...first.error.details, setAside: found.map((f) => f.at) },
    cause: first.error,
  });
}
