// An installation of a benchmark: set up, with every port free, and dropped at the end.
import { type Changes, Installation } from "../test-real/installation.ts";

const ANY_PORT = { collector: { port: 0 }, serving: { port: 0 } };

export async function inInstallation<T>(
  changes: Changes,
  body: (installation: Installation) => Promise<T>,
): Promise<T> {
  const installation = new Installation({ ...ANY_PORT, ...changes });
  try {
    const done = installation.tandem(["setup"]);
    if (done.code !== 0) throw new Error(`tandem setup: ${done.err}`);
    return await body(installation);
  } finally {
    installation.remove();
  }
}

/** An API key that may write and read. */
export function createKey(installation: Installation): string {
  const { code, out, err } = installation.tandem(["keys", "create"]);
  if (code !== 0) throw new Error(`tandem keys create: ${err}`);
  return out.trim();
}
