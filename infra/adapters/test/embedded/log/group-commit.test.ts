// Group commit: who shares a round, who waits for whom, and whose buffers are used again.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Frames } from "../../../src/embedded/log/frames.ts";
import {
  type CommitOptions,
  type Committed,
  GroupCommit,
  usualPatienceMs,
} from "../../../src/embedded/log/group-commit.ts";

const BYTE = new Uint8Array(1);
/** Far longer than a test may take: whoever waits for it fails. */
const never = (): number => 3_600_000;
const none = (): number => 0;

/** A partition that says what it was given, once `open` lets it. */
function target() {
  const given: { readonly frames: Frames; readonly count: number }[] = [];
  let gate: PromiseWithResolvers<void> | undefined;
  let end = 0;
  return {
    given,
    close: () => {
      gate = Promise.withResolvers();
    },
    open: () => gate?.resolve(),
    keeps: (frames: Frames) => frames.count >= 100,
    async commit(frames: Frames): Promise<Committed> {
      given.push({ frames, count: frames.count });
      const base = end;
      end += frames.count;
      await gate?.promise;
      return { base };
    },
  };
}

type Target = ReturnType<typeof target>;

/** However long a commit of a test takes. */
const most = (callers: number): number => Math.floor((callers * 7) / 8);

/** Of partitions that commit each for itself. */
function commitsOf(
  targets: readonly Target[],
  options: CommitOptions,
  awaited: ConstructorParameters<typeof GroupCommit>[2] = most,
): GroupCommit {
  const keeps = (frames: Frames): boolean => targets[0]?.keeps(frames) ?? false;
  return new GroupCommit(
    {
      keeps,
      async commit(frames, outcomes) {
        const commits = targets.map(async (one, p) => {
          const own = frames[p];
          if (own !== undefined) outcomes[p] = await one.commit(own);
        });
        await Promise.all(commits);
      },
    },
    options,
    awaited,
  );
}

function appending(commits: GroupCommit) {
  return async (partition = 0, records = 1): Promise<number | undefined> => {
    const round = commits.gather();
    const frames = commits.framesOf(round, partition);
    const index = frames.count;
    for (let i = 0; i < records; i++) frames.add({ partition, key: BYTE, value: BYTE });
    await round.done;
    const base = round.outcomes[partition]?.base;
    return base === undefined ? undefined : base + index;
  };
}

const turns = async (count: number): Promise<void> => {
  for (let i = 0; i < count; i++) await new Promise(setImmediate);
};

/** Calls until nobody is waited for, or a patience's timer would outlive the test. */
async function windDown(
  commits: GroupCommit,
  options: { patienceMs: () => number },
): Promise<void> {
  let idle = false;
  options.patienceMs = none;
  const done = commits.idle().then(() => {
    idle = true;
  });
  const append = appending(commits);
  for (await turns(5); !idle; await turns(5)) append();
  await done;
}

test("one turn's calls share a round; a caller that is alone waits for nobody", async () => {
  const one = target();
  const append = appending(commitsOf([one], { groupBytes: 1e6, patienceMs: never }));
  assert.deepEqual(await Promise.all([append(), append(), append()]), [0, 1, 2]);
  assert.equal(one.given.length, 1);
  for (let i = 3; i < 20; i++) assert.equal(await append(), i);
  assert.equal(one.given.length, 18);
});

test("after a shared round the next one waits for most of those who are there, while it has patience", async () => {
  const one = target();
  const options = { groupBytes: 1e6, patienceMs: never };
  const commits = commitsOf([one], options);
  const append = appending(commits);
  await Promise.all(Array.from({ length: 10 }, () => append()));
  const early = Array.from({ length: 7 }, () => append());
  await turns(20);
  assert.equal(one.given.length, 1, "seven of ten are there");
  await Promise.all([...early, append()]);
  assert.equal(one.given.length, 2);
  await windDown(commits, options);
});

test("how many are waited for is asked of all who call, of the last commit's time and of the time between calls", async () => {
  const one = target();
  const options = { groupBytes: 1e6, patienceMs: never };
  const asked: (readonly number[])[] = [];
  const commits = commitsOf([one], options, (...facts) => {
    asked.push(facts);
    return 6;
  });
  const append = appending(commits);
  await Promise.all(Array.from({ length: 16 }, () => append()));
  await Promise.all(Array.from({ length: 6 }, () => append()));
  assert.deepEqual(
    one.given.map((g) => g.count),
    [16, 6],
  );
  await turns(5);
  assert.deepEqual(
    asked.map(([callers]) => callers),
    [16, 14],
    "those who do not come at once may be on their way",
  );
  for (const [, commitMs, callMs] of asked) assert.ok(commitMs! > 0 && callMs! > 0 && callMs! < 4);
  await windDown(commits, options);
});

test("a round begins with those it waited for; who comes later in that turn shares the next one", async () => {
  const one = target();
  const options = { groupBytes: 1e6, patienceMs: never };
  const commits = commitsOf([one], options);
  const append = appending(commits);
  await Promise.all(Array.from({ length: 10 }, () => append()));
  await turns(5);
  const counts = () => one.given.map((g) => g.count);
  one.close();
  const awaited = Array.from({ length: 8 }, () => append());
  for (let i = 0; i < 10; i++) await Promise.resolve();
  assert.deepEqual(counts(), [10, 8], "in the same turn");
  const later = Array.from({ length: 7 }, () => append());
  one.open();
  await Promise.all(awaited);
  options.patienceMs = none;
  later.push(...Array.from({ length: 7 }, () => append()));
  await Promise.all(later);
  assert.deepEqual(counts(), [10, 8, 14]);
  await windDown(commits, options);
});

test("once its patience is over, a round begins with whoever comes next, in their turn", async () => {
  const one = target();
  const commits = commitsOf([one], { groupBytes: 1e6, patienceMs: () => 1e-6 });
  const append = appending(commits);
  await Promise.all(Array.from({ length: 10 }, () => append()));
  const next = append();
  for (let i = 0; i < 10; i++) await Promise.resolve();
  assert.equal(one.given.length, 2, "before any timer");
  await next;
  await commits.idle();
});

test("patience grows with the last commit's time, and is never long", () => {
  assert.deepEqual([0, 0.25, 0.5, 1, 1000].map(usualPatienceMs), [0, 1, 2, 4, 4]);
});

test("where callers do not come back, patience is the longest wait", async () => {
  const one = target();
  const commits = commitsOf([one], { groupBytes: 1e6, patienceMs: () => 3 });
  const append = appending(commits);
  await Promise.all(Array.from({ length: 10 }, () => append()));
  assert.equal(await append(), 10);
  await commits.idle();
});

test("a full round takes no further calls and holds up nobody", async () => {
  const one = target();
  const options = { groupBytes: 100, patienceMs: never };
  const commits = commitsOf([one], options);
  const append = appending(commits);
  const offsets = await Promise.all(Array.from({ length: 40 }, () => append()));
  assert.deepEqual(
    offsets,
    offsets.map((_, i) => i),
  );
  assert.deepEqual(
    one.given.map((g) => g.count),
    [8, 8, 8, 8, 8],
  );
  await windDown(commits, options);
});

test("partitions have outcomes of their own; one round ends when all have", async () => {
  const [one, two] = [target(), target()];
  const append = appending(commitsOf([one, two], { groupBytes: 1e6, patienceMs: none }));
  two.close();
  let done = 0;
  const both = [append(0), append(1), append(1)].map((p) => p.finally(() => done++));
  await turns(5);
  assert.equal(done, 0);
  two.open();
  assert.deepEqual(await Promise.all(both), [0, 0, 1]);
});

test("a buffer is used again once its round is done, never before, and not where it is kept", async () => {
  const one = target();
  const append = appending(commitsOf([one], { groupBytes: 1e6, patienceMs: none }));
  one.close();
  const first = append();
  await turns(3);
  const second = append();
  await turns(3);
  one.open();
  await Promise.all([first, second]);
  const [a, b] = one.given.map((g) => g.frames);
  assert.notEqual(a, b);
  await append(0, 100);
  const kept = one.given.at(-1)?.frames;
  assert.ok(kept === a || kept === b);
  await append();
  assert.notEqual(one.given.at(-1)?.frames, kept);
  assert.equal(kept?.count, 100, "what is kept is left alone");
});
