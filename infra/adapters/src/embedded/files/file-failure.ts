// Turns an operating system's error into the named one of the port it reached.
import { type ErrorCode, TandemError } from "@tandem/shared-logic";

/** Runs `work`; a file error becomes a TandemError of `code` that names the place. */
export async function orFail<T>(
  code: ErrorCode,
  place: string,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (!(cause instanceof Error && "code" in cause) || cause instanceof TandemError) throw cause;
    throw new TandemError(code, {
      message: `${place}: ${cause.message}`,
      details: { place, os: cause.code },
      cause,
    });
  }
}
