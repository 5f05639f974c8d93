// What connections of the collector may say: requests as bytes, most of them not plain, and what of it node:http sees.
import { gzipSync } from "node:zlib";
import { event, json } from "./collector-fixture.ts";

const BODY = json([event("1"), event("2", { properties: { name: "é" } })]);

export interface Asked {
  readonly name: string;
  readonly bytes: Buffer;
  /** Requests of it that node:http gets to see. */
  readonly left: number;
}

/** Stands for one that the collector knows. */
export const KEY = "KEY";
const HOST = "host: x";
const AUTH = `authorization: Bearer ${KEY}`;

function raw(lines: readonly string[], body: string | Buffer = BODY, length?: string): Buffer {
  const declared = `content-length: ${length ?? Buffer.byteLength(body)}`;
  return Buffer.concat([
    Buffer.from(`${[...lines, declared].join("\r\n")}\r\n\r\n`, "latin1"),
    Buffer.from(body),
  ]);
}

const POST = "POST /events HTTP/1.1";
const GOOD_HEAD = [POST, HOST, AUTH, "content-type: application/json"];
const goodOf = (body: string): Buffer => raw(GOOD_HEAD, body);
export const GOOD = goodOf(BODY);
const LAST = raw([POST, HOST, AUTH, "connection: close"]);

/** Of one connection each; all but the last of a row leave it open. */
export const ROWS: readonly Asked[] = [
  { name: "a plain one", bytes: GOOD, left: 0 },
  { name: "nothing in it", bytes: raw([POST, HOST, AUTH], ""), left: 0 },
  {
    name: "names in any case, space around values",
    bytes: raw(
      ["POST /events?verbose=1 HTTP/1.1", "HOST:\tx ", `X-Api-Key:   ${KEY} \t`, "A:"],
      BODY,
      `${Buffer.byteLength(BODY)} \t`,
    ),
    left: 0,
  },
  {
    name: "gzip",
    bytes: raw([POST, HOST, AUTH, "content-encoding: gzip"], gzipSync(BODY)),
    left: 0,
  },
  { name: "a bad event", bytes: raw([POST, HOST, AUTH], json([event("")])), left: 0 },
  { name: "ids that are no ASCII", bytes: raw([POST, HOST, AUTH], '[{"é":"é"}]'), left: 0 },
  { name: "no key", bytes: raw([POST, HOST]), left: 0 },
  { name: "no such key", bytes: raw([POST, HOST, "authorization: Bearer x"]), left: 0 },
  { name: "another origin", bytes: raw([POST, HOST, AUTH, "origin: https://a.example"]), left: 0 },
  { name: "another type", bytes: raw([POST, HOST, AUTH, "content-type: text/html"]), left: 0 },
  { name: "another encoding", bytes: raw([POST, HOST, AUTH, "content-encoding: br"]), left: 0 },
  { name: "damaged gzip", bytes: raw([POST, HOST, AUTH, "content-encoding: gzip"]), left: 0 },
  { name: "three at once", bytes: Buffer.concat([GOOD, GOOD, GOOD]), left: 0 },
  {
    name: "the same head with other lengths",
    bytes: Buffer.concat([GOOD, GOOD, goodOf("[]"), goodOf(json([event("3")])), GOOD]),
    left: 0,
  },
  {
    name: "a head known from before, and then one with a field more",
    bytes: Buffer.concat([GOOD, GOOD, raw([...GOOD_HEAD, "te: trailers"]), GOOD]),
    left: 2,
  },
  {
    name: "asked to keep alive",
    bytes: raw([POST, HOST, AUTH, "Connection: Keep-Alive"]),
    left: 0,
  },
  { name: "asked to close", bytes: LAST, left: 1 },
  { name: "the same length twice", bytes: raw([POST, HOST, AUTH, "content-length: 5"]), left: 0 },
  { name: "a length with a sign", bytes: raw([POST, HOST, AUTH], BODY, "+5"), left: 0 },
  { name: "two lengths in one", bytes: raw([POST, HOST, AUTH], BODY, "5, 5"), left: 0 },
  { name: "a length that is no number", bytes: raw([POST, HOST, AUTH], BODY, "0x5"), left: 0 },
  {
    name: "a length and chunks",
    bytes: raw([POST, HOST, AUTH, "transfer-encoding: chunked"]),
    left: 0,
  },
  {
    name: "chunks",
    bytes: Buffer.from(
      `${POST}\r\n${HOST}\r\n${AUTH}\r\ntransfer-encoding: chunked\r\n\r\n2\r\n[]\r\n0\r\n\r\n`,
    ),
    left: 1,
  },
  { name: "no host", bytes: raw([POST, AUTH]), left: 0 },
  { name: "two hosts", bytes: raw([POST, HOST, "host: y", AUTH]), left: 1 },
  { name: "HTTP/1.0", bytes: raw(["POST /events HTTP/1.0", HOST, AUTH]), left: 1 },
  { name: "a method in small letters", bytes: raw(["post /events HTTP/1.1", HOST, AUTH]), left: 0 },
  { name: "another method", bytes: raw(["PUT /events HTTP/1.1", HOST, AUTH]), left: 1 },
  { name: "another path", bytes: raw(["POST /eventsx HTTP/1.1", HOST, AUTH]), left: 1 },
  { name: "a whole address", bytes: raw(["POST http://x/events HTTP/1.1", HOST, AUTH]), left: 1 },
  { name: "two spaces", bytes: raw(["POST  /events HTTP/1.1", HOST, AUTH]), left: 1 },
  { name: "an empty line before it", bytes: Buffer.concat([Buffer.from("\r\n"), GOOD]), left: 1 },
  { name: "space before a colon", bytes: raw([POST, "host : x", AUTH]), left: 0 },
  { name: "a folded line", bytes: raw([POST, HOST, AUTH, "a: b", " c"]), left: 0 },
  { name: "a lone line feed", bytes: raw([POST, HOST, AUTH, "a: b\nc: d"]), left: 0 },
  { name: "a lone carriage return", bytes: raw([POST, HOST, AUTH, "a: b\rc: d"]), left: 0 },
  { name: "a NUL", bytes: raw([POST, HOST, AUTH, "a: b\0"]), left: 0 },
  { name: "a header that is no ASCII", bytes: raw([POST, HOST, AUTH, "a: é"]), left: 1 },
  { name: "two keys", bytes: raw([POST, HOST, AUTH, "authorization: Bearer y"]), left: 1 },
  { name: "a trace", bytes: raw([POST, HOST, AUTH, "traceparent: x"]), left: 1 },
  { name: "an expectation", bytes: raw([POST, HOST, AUTH, "expect: 100-continue"]), left: 1 },
  {
    name: "an upgrade",
    bytes: raw([POST, HOST, AUTH, "upgrade: x", "connection: upgrade"]),
    left: 1,
  },
  { name: "a head beyond 4 KB", bytes: raw([POST, HOST, AUTH, `a: ${"b".repeat(5000)}`]), left: 1 },
  { name: "a body beyond 64 KB", bytes: raw([POST, HOST, AUTH], " ".repeat(70_000)), left: 1 },
  {
    name: "another one behind it",
    bytes: Buffer.concat([GOOD, raw(["GET / HTTP/1.1", HOST], "")]),
    left: 1,
  },
  { name: "half a head behind it", bytes: Buffer.concat([GOOD, GOOD.subarray(0, 40)]), left: 0 },
  { name: "half a body behind it", bytes: Buffer.concat([GOOD, GOOD.subarray(0, -40)]), left: 0 },
  { name: "nonsense", bytes: Buffer.from("\x16\x03\x01\x02\0\x01\0"), left: 0 },
];
