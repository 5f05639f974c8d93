// Work on many things, some at once, results in the order of the things. The first failure is thrown,
// after what was under way has ended: nothing goes on behind the caller's back.

export async function inParallel<T, R>(
  things: readonly T[],
  atOnce: number,
  work: (thing: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  let failed = false;
  const run = async (): Promise<void> => {
    while (next < things.length && !failed) {
      const i = next++;
      try {
        results[i] = await work(things[i] as T);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  const runs = await Promise.allSettled(Array.from({ length: atOnce }, run));
  for (const run of runs) if (run.status === "rejected") throw run.reason;
  return results;
}
