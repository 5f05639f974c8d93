// Drops what a test's installation made on real servers: `node drop-installation.ts CONFIG`. Everything of
// it has a name that its configuration gives alone: keyspace, bucket, topic prefix, Redis prefix.

import {
  DeleteBucketCommand,
  DeleteObjectCommand,
  ListObjectsV2Command,
  S3Client,
} from "@aws-sdk/client-s3";
import { loadConfig } from "@tandem/adapters/stack";
import { Client } from "cassandra-driver";
import { Redis } from "ioredis";
import { Kafka, logLevel } from "kafkajs";

const { config } = loadConfig({ env: {}, file: process.argv[2] });
const { kafka, cassandra, s3, redis } = config;
if (kafka.topicPrefix === "") throw new RangeError("a test's installation has a topic prefix");

async function topics(): Promise<void> {
  const { brokers } = kafka;
  const admin = new Kafka({ brokers, logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  const all = await admin.listTopics();
  const own = all.filter((topic) => topic.startsWith(kafka.topicPrefix));
  if (own.length > 0) await admin.deleteTopics({ topics: own });
  await admin.disconnect();
}

async function keyspace(): Promise<void> {
  const { contactPoints, datacenter } = cassandra;
  const client = new Client({ contactPoints, localDataCenter: datacenter });
  await client.connect();
  const drop = `DROP KEYSPACE IF EXISTS ${cassandra.keyspace}`;
  await client.execute(drop, [], { readTimeout: 30_000 });
  await client.shutdown();
}

async function bucket(): Promise<void> {
  const { endpoint, region, bucket: Bucket, accessKey = "", secretKey = "" } = s3;
  const client = new S3Client({
    ...(endpoint === undefined ? {} : { endpoint }),
    region,
    forcePathStyle: true,
    credentials: { accessKeyId: accessKey, secretAccessKey: secretKey },
  });
  for (;;) {
    const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket }));
    if (Contents.length === 0) break;
    await Promise.all(
      Contents.map(({ Key }) => client.send(new DeleteObjectCommand({ Bucket, Key }))),
    );
  }
  await client.send(new DeleteBucketCommand({ Bucket }));
  client.destroy();
}

async function keys(): Promise<void> {
  const client = new Redis(redis.url);
  for await (const found of client.scanStream({ match: `${redis.prefix}*`, count: 1000 })) {
    const names = found as string[];
    if (names.length > 0) await client.unlink(...names);
  }
  client.disconnect();
}

const results = await Promise.allSettled([topics(), keyspace(), bucket(), keys()]);
// Whoever never ran `tandem setup` has no bucket.
for (const result of results)
  if (result.status === "rejected" && result.reason?.name !== "NoSuchBucket")
    process.stderr.write(`${result.reason}\n`);
process.exit(0);
