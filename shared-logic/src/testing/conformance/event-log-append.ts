// EventLog contract lines 1 to 3: what append promises.
import { seededRandom } from "../../ports/random.ts";
import { expectEqual, expectTrue } from "../expect.ts";
import {
  type AddLogCase,
  offsetsOf,
  randomValue,
  readAll,
  readTexts,
  record,
} from "./event-log-case.ts";

export function appendCases(add: AddLogCase): void {
  add("1: accepted records are there with equal bytes, also after a reopening", async (opened) => {
    const { log, dataset, reopen } = opened;
    await log.create(dataset, 2);
    const random = seededRandom(101);
    const values = [0, 1, 511, 512, 513, 4096, 70_000, 900_000].map((n) => randomValue(random, n));
    values.push(new Uint8Array(0), new Uint8Array(1000), new Uint8Array(1000).fill(255));
    const key = new Uint8Array(0);
    const results = await log.append(
      dataset,
      values.map((value) => ({ partition: 1, key, value })),
    );
    const expected = offsetsOf(results).map((offset, i) => ({ offset, value: values[i] }));
    expectEqual(await readAll(log, dataset, 1), expected);
    if (reopen === undefined) return;
    const again = await reopen();
    expectEqual(await readAll(again, dataset, 1), expected);
    expectEqual(await again.partitions(dataset), 2);
    await again.close();
  });

  add(
    "1: what the caller does with its buffers later changes nothing",
    async ({ log, dataset }) => {
      await log.create(dataset, 1);
      const sent = record(0, "as sent");
      await log.append(dataset, [sent]);
      sent.value.fill(0);
      expectEqual(await readTexts(log, dataset), ["as sent"]);
    },
  );

  add("2: calls and their records keep their order, whatever else is under way", async (opened) => {
    const { log, dataset } = opened;
    await log.create(dataset, 3);
    const writer = async (name: string) => {
      for (let call = 0; call < 20; call++) {
        const texts = [0, 1, 2].map((k) => `${name} ${String(call * 3 + k).padStart(3, "0")}`);
        offsetsOf(
          await log.append(
            dataset,
            texts.flatMap((t) => [record(0, t), record(2, t)]),
          ),
        );
      }
    };
    await Promise.all(["a", "b", "c", "d"].map(writer));
    for (const partition of [0, 2]) {
      const texts = await readTexts(log, dataset, partition);
      expectEqual(texts.length, 240);
      for (const name of ["a", "b", "c", "d"]) {
        const own = texts.filter((t) => t.startsWith(name));
        expectEqual(own, [...new Set(own)].sort(), `the order of ${name}`);
      }
    }
    expectEqual(await readTexts(log, dataset, 1), []);
  });

  add("2: offsets grow over calls and reopenings, none is given twice", async (opened) => {
    const { dataset, reopen } = opened;
    let log = opened.log;
    await log.create(dataset, 1);
    const given: number[] = [];
    for (let round = 0; round < 3; round++) {
      given.push(...offsetsOf(await log.append(dataset, [record(0, "x"), record(0, "y")])));
      given.push(...offsetsOf(await log.append(dataset, [record(0, "z")])));
      if (reopen !== undefined) log = await reopen();
    }
    for (let i = 1; i < given.length; i++) {
      expectTrue((given[i] ?? 0) > (given[i - 1] ?? 0), `offsets ${given}`);
    }
    expectEqual(
      (await readAll(log, dataset, 0)).map((r) => r.offset),
      given,
    );
    await log.close();
  });

  add("3: results stand in the order of the records, each with its own offset", async (opened) => {
    const { log, dataset } = opened;
    await log.create(dataset, 4);
    const partitions = [3, 0, 3, 1, 0, 0, 3];
    const texts = partitions.map((p, i) => `${i} in ${p}`);
    const results = await log.append(
      dataset,
      partitions.map((p, i) => record(p, texts[i] ?? "")),
    );
    expectEqual(
      results.map((r) => r.ok && r.partition),
      partitions,
    );
    const offsets = offsetsOf(results);
    for (const [i, p] of partitions.entries()) {
      const found = (await readAll(log, dataset, p)).find((r) => r.offset === offsets[i]);
      expectEqual(new TextDecoder().decode(found?.value), texts[i]);
    }
    expectEqual(await log.append(dataset, []), []);
  });
}
