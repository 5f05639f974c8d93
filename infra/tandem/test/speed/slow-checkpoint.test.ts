// A checkpoint is written beside the work: while its store takes its time, or refuses it, events are shown as ever,
// it says nothing of what came after it was taken, and a worker has none under way when it ends.
import assert from "node:assert/strict";
import { test } from "node:test";
import { MemoryCheckpointStore } from "@tandem/adapters/memory";
import {
  type CheckpointStore,
  ColumnScanner,
  catalogue,
  fieldsOfAll,
  StopSwitch,
  TandemError,
} from "@tandem/shared-logic";
import { Checkpoints, SpeedWorker } from "@tandem/speed-layer";
import { DATASET, Stage } from "../stories/stage.ts";

const DAY = "2026-03-02";
const metrics = catalogue.filter((m) => ["events", "sessions"].includes(m.name));

/** Heads wait in `put` until the test lets each go on. */
class SlowHeads extends MemoryCheckpointStore {
  refusal: Error | undefined;
  private readonly waiting: PromiseWithResolvers<void>[] = [];

  override async put(name: string, bytes: Uint8Array): Promise<void> {
    if (this.refusal) throw this.refusal;
    if (name.endsWith("/head")) {
      const turn = Promise.withResolvers<void>();
      this.waiting.push(turn);
      await turn.promise;
    }
    await super.put(name, bytes);
  }
  get asked(): number {
    return this.waiting.length;
  }
  answer(): void {
    const turn = this.waiting.shift() ?? assert.fail("no head is put");
    turn.resolve();
  }
}

class Scene {
  readonly stage: Stage;
  readonly store: SlowHeads;
  readonly worker: SpeedWorker;
  private sent = 0;

  private constructor(stage: Stage, store: SlowHeads) {
    this.stage = stage;
    this.store = store;
    this.worker = this.newWorker("w");
  }

  static async begin(): Promise<Scene> {
    const stage = await Stage.at(`${DAY}T10:00:00Z`, metrics);
    const scene = new Scene(stage, new SlowHeads());
    await scene.worker.open();
    return scene;
  }

  newWorker(owner: string, checkpoints: CheckpointStore = this.store): SpeedWorker {
    const scanner = new ColumnScanner(fieldsOfAll(metrics));
    const place = { dataset: DATASET, partition: 0, owner };
    return new SpeedWorker({ ...this.stage.ports, checkpoints }, place, metrics, scanner);
  }

  async send(): Promise<void> {
    const id = `e${this.sent++}`;
    await this.stage.send({ id, at: `${DAY}T09:${10 + this.sent}:00Z`, user: id });
    await this.stage.clock.advance(1000);
  }

  async shown(): Promise<unknown> {
    return (await this.stage.day("events", DAY)).points[0]?.value;
  }

  /** Where a worker goes on that starts now. */
  async offset(): Promise<number | undefined> {
    return (await new Checkpoints(this.store, DATASET, 0, "reader").head())?.offset;
  }
}

test("events are shown while a checkpoint is written, which knows nothing of them", async () => {
  const scene = await Scene.begin();
  const stop = new StopSwitch();
  let ended = false;
  const running = scene.worker.run(stop).then(() => {
    ended = true;
  });
  await scene.send();
  await scene.stage.clock.advance(15_000);
  assert.equal(scene.store.asked, 1);
  await scene.send();
  await scene.stage.clock.advance(40_000);
  assert.equal(scene.store.asked, 1, "one at a time");
  assert.equal(await scene.shown(), 2);
  assert.equal(await scene.offset(), undefined);

  scene.store.answer();
  await scene.stage.clock.advance(2000);
  assert.equal(await scene.offset(), 1);
  const restarted = scene.newWorker("x", scene.store);
  await restarted.open();
  assert.equal(restarted.current?.offset, 1);
  await restarted.catchUp();
  assert.equal(await scene.shown(), 2);

  assert.equal(scene.store.asked, 1, "the next one, long due");
  stop.stop();
  await scene.stage.clock.advance(60_000);
  assert.equal(ended, false);
  scene.store.answer();
  await scene.stage.clock.advance(1);
  scene.store.answer();
  await running;
  assert.equal(await scene.offset(), 2);
});

test("a worker that fails ends once its checkpoint has ended", async () => {
  const scene = await Scene.begin();
  const { clock, ports } = scene.stage;
  let ended = false;
  const running = scene.worker.run(new StopSwitch()).catch(() => {
    ended = true;
  });
  await scene.send();
  await clock.advance(15_000);
  ports.log.read = async () => {
    throw new TandemError("log_unavailable");
  };
  await clock.advance(15_000);
  assert.equal(ended, false);
  scene.store.answer();
  await running;
  assert.equal(await scene.offset(), 1);
});

test("after one that failed, the next is whole", async () => {
  const scene = await Scene.begin();
  const { clock } = scene.stage;
  const stop = new StopSwitch();
  const refused = new TandemError("store_unavailable", { message: "not now" });
  for (const rounds of [0, 1, 2]) {
    const running = assert.rejects(scene.worker.run(stop), refused);
    for (let i = 0; i < rounds; i++) {
      await scene.send();
      await clock.advance(15_000);
      scene.store.answer();
      await clock.advance(1000);
    }
    scene.store.refusal = refused;
    await scene.send();
    await clock.advance(15_000);
    await scene.send();
    await running;
    scene.store.refusal = undefined;
  }
  const last = scene.worker.run(stop);
  await scene.send();
  await clock.advance(15_000);
  scene.store.answer();
  stop.stop();
  await clock.advance(1000);
  scene.store.answer();
  await last;

  // Nobody has the rows any more but the checkpoint.
  const fresh = new SlowHeads();
  for (const name of await scene.store.list("")) {
    const put = fresh.put(name, (await scene.store.get(name)) ?? assert.fail());
    if (name.endsWith("/head")) fresh.answer();
    await put;
  }
  const restarted = scene.newWorker("x", fresh);
  await restarted.open();
  const state = restarted.current ?? assert.fail();
  const known = scene.worker.current ?? assert.fail();
  assert.equal(state.offset, 10);
  assert.deepEqual(state.fold.openRows(0, 10), known.fold.openRows(0, 10));
  assert.deepEqual(state.dedupe.recent.save(), known.dedupe.recent.save());
  assert.deepEqual(state.dedupe.filters.facts, known.dedupe.filters.facts);
  const words = (worker: typeof known): unknown =>
    worker.dedupe.filters.slices.map(({ links }) => links.map(({ bloom }) => bloom.words));
  assert.deepEqual(words(state), words(known));
});
