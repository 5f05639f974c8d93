// Wrong settings: one clear error that names the setting and the fix, nothing half-created, no secret in
// anything that could be logged.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import {
  type AddressInfo,
  createServer as createTcpServer,
  type Server,
  type Socket,
} from "node:net";
import { test } from "node:test";
import { inspect } from "node:util";
import { DeleteBucketCommand } from "@aws-sdk/client-s3";
import {
  ensureBucket,
  S3CheckpointStore,
  S3ObjectStore,
  type S3Options,
} from "@tandem/adapters/s3";
import { TandemError } from "@tandem/shared-logic";
import { all, environment, errorOf, realBucket } from "./real-bucket.ts";

const bucket = await realBucket();
const quick = { attempts: 2, backoffMs: 1, requestTimeoutMs: 500, connectTimeoutMs: 200 };
const accessKey = environment("S3_ACCESS_KEY");
const secretKey = environment("S3_SECRET_KEY");
const WRONG_SECRET = "wrong-and-never-to-be-shown";

async function refused(more: Partial<S3Options>, setting: string): Promise<void> {
  for (const Store of [S3ObjectStore, S3CheckpointStore]) {
    const error = await errorOf(Store.open(bucket.options({ ...quick, ...more })));
    assert.ok(error instanceof TandemError && error.code === "configuration", inspect(error));
    assert.ok(error.message.startsWith(`${setting}: `), error.message);
    assert.equal(error.message.includes("\n"), false, error.message);
    assert.equal(error.details["setting"], setting);
    const shown = inspect(error, { depth: 20, showHidden: true });
    for (const secret of [secretKey, WRONG_SECRET]) assert.ok(!shown.includes(secret), shown);
  }
}

const cases: readonly (readonly [string, Partial<S3Options>])[] = [
  ["s3.bucket", { bucket: "tandem-no-such-bucket" }],
  ["s3.accessKey", { credentials: { accessKey: "nobody", secretKey: WRONG_SECRET } }],
  ["s3.secretKey", { credentials: { accessKey, secretKey: WRONG_SECRET } }],
  ["s3.region", { region: "eu-west-1" }],
  ["s3.endpoint", { endpoint: "http://no.such.host.invalid:9000" }],
  ["s3.endpoint", { endpoint: "http://127.0.0.1:1" }],
  ["s3.endpoint", { endpoint: "127.0.0.1" }],
  ["s3.endpoint", { endpoint: `http://user:${WRONG_SECRET}@127.0.0.1:1` }],
  ["s3.endpoint", { endpoint: environment("S3_ENDPOINT").replace("http:", "https:") }],
  ["s3.prefix", { prefix: "a//b" }],
];
for (const [setting, more] of cases) {
  const { credentials, ...shown } = more;
  const what = JSON.stringify({
    ...shown,
    ...(credentials ? { accessKey: credentials.accessKey } : {}),
  });
  test(`${setting} is named for ${what.replace(WRONG_SECRET, "…")}`, () => refused(more, setting));
}

const strangers: Readonly<Record<string, () => Server>> = {
  "a web site": () => createServer((_, r) => r.end("<html><body>hi<br></body></html>")),
  "an empty web site": () => createServer((_, r) => r.end()),
  "a web site without that page": () =>
    createServer((_, r) => {
      r.statusCode = 404;
      r.end("not found");
    }),
  "a server of another protocol": () => createTcpServer((s) => s.end("-ERR unknown command\r\n")),
  "a server that never answers": () => createTcpServer(() => {}),
};
for (const [name, make] of Object.entries(strangers)) {
  test(`s3.endpoint is named for ${name}`, async () => {
    const server = make();
    const open = new Set<Socket>();
    server.on("connection", (socket) => void open.add(socket.on("error", () => {})));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    await refused({ endpoint: `http://127.0.0.1:${port}` }, "s3.endpoint");
    for (const socket of open) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
}

test("a wrong key found later is named too, and a missing bucket is not an absent object", async () => {
  const wrong = { credentials: { accessKey, secretKey: WRONG_SECRET } };
  const error = await errorOf(ensureBucket(bucket.options({ ...quick, ...wrong })));
  assert.ok(error.message.startsWith("s3.secretKey: "), error.message);
  const gone = bucket.options({ ...quick, bucket: `${bucket.options().bucket}-gone` });
  const store = await (async () => {
    assert.equal(await ensureBucket(gone), "created");
    assert.equal(await ensureBucket(gone), "exists");
    return S3ObjectStore.open(gone);
  })();
  await bucket.client.send(new DeleteBucketCommand({ Bucket: gone.bucket }));
  for (const call of [
    () => store.get("k"),
    () => store.getRange("k", 0, 0),
    () => store.putIfAbsent("k", Buffer.of(1)),
    () => all(store.list("")),
  ]) {
    const error = await errorOf(call());
    assert.ok(error.message.startsWith("s3.bucket: "), error.message);
  }
  await store.close();
});
