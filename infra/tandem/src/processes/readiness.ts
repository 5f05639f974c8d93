// What a process says of itself on its operations port.

/** `ok`, why it is not ready, or undefined where nothing answers. */
export async function readiness(operationsPort: number): Promise<string | undefined> {
  try {
    const answer = await fetch(`http://127.0.0.1:${operationsPort}/readyz`, {
      signal: AbortSignal.timeout(2000),
    });
    const { status } = (await answer.json()) as { readonly status?: unknown };
    return typeof status === "string" ? status : undefined;
  } catch {
    return undefined;
  }
}
