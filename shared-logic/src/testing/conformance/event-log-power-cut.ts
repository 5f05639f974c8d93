// EventLog contract lines 1, 2 and 4 when the power is cut while records are under way.
import { below, seededRandom } from "../../ports/random.ts";
import { expectEqual, expectTrue } from "../expect.ts";
import { type AddLogCase, offsetsOf, readAll, record } from "./event-log-case.ts";

const SEEDS = [1, 2, 3, 4, 5, 6, 7, 8];

export function logPowerCutCases(add: AddLogCase): void {
  for (const seed of SEEDS) {
    add(`1, 2, 4: what was accepted or read outlives a power cut, seed ${seed}`, async (opened) => {
      const { log, dataset, powerCut } = opened;
      if (powerCut === undefined) return;
      const random = seededRandom(seed);
      await log.create(dataset, 1);
      const safe = new Map<number, string>();
      const decoder = new TextDecoder();
      const look = async () => {
        for (const r of await readAll(log, dataset, 0)) safe.set(r.offset, decoder.decode(r.value));
      };
      const calls: Promise<void>[] = [];
      for (let call = 0; call < 30; call++) {
        const texts = Array.from({ length: 1 + below(random, 4) }, (_, k) => `${call}.${k}`);
        const appended = log.append(
          dataset,
          texts.map((t) => record(0, t.padEnd(below(random, 2000), "."))),
        );
        calls.push(
          appended.then((results) => {
            for (const [i, offset] of offsetsOf(results).entries()) {
              expectTrue(
                !safe.has(offset) || starts(safe.get(offset), texts[i]),
                "an offset twice",
              );
            }
          }),
        );
        if (below(random, 3) === 0) await calls[below(random, calls.length)];
        if (below(random, 3) === 0) await look();
      }
      await look();
      const again = await powerCut(random);
      const found = new Map(
        (await readAll(again, dataset, 0)).map((r) => [r.offset, decoder.decode(r.value)]),
      );
      for (const [offset, text] of safe) expectEqual(found.get(offset), text, `offset ${offset}`);
      const [next = -1] = offsetsOf(await again.append(dataset, [record(0, "after the cut")]));
      expectTrue(!found.has(next), `offset ${next} was readable before`);
      await again.close();
      await Promise.allSettled(calls);
    });
  }
}

const starts = (text: string | undefined, with_: string | undefined): boolean =>
  with_ !== undefined && text?.startsWith(with_) === true;
