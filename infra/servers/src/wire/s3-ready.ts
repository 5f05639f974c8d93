// S3, as little as tells that it works and takes these keys: ListBuckets with AWS signature version 4
// (docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html).
import { createHash, createHmac } from "node:crypto";

export interface S3Access {
  readonly region: string;
  readonly accessKey: string;
  readonly secretKey: string;
}

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
const hmac = (key: string | Buffer, text: string): Buffer =>
  createHmac("sha256", key).update(text).digest();

export async function s3Ready(port: number, access: S3Access): Promise<void> {
  const host = `127.0.0.1:${port}`;
  const answer = await fetch(`http://${host}/`, {
    signal: AbortSignal.timeout(5000),
    headers: signedHeaders(host, access, new Date()),
  });
  const body = await answer.text();
  if (answer.status === 200 && body.includes("ListAllMyBucketsResult")) return;
  const code = /<Code>(.*?)<\/Code>/.exec(body)?.[1] ?? "";
  throw new Error(`S3 answers ${answer.status} ${code}`.trimEnd());
}

/** For `GET /` without a body or a query. */
function signedHeaders(host: string, access: S3Access, now: Date): Record<string, string> {
  const empty = sha256("");
  const time = now.toISOString().replace(/[-:]|\.\d+/g, "");
  const scope = [time.slice(0, 8), access.region, "s3", "aws4_request"];
  const names = "host;x-amz-content-sha256;x-amz-date";
  const request = [
    "GET",
    "/",
    "",
    `host:${host}`,
    `x-amz-content-sha256:${empty}`,
    `x-amz-date:${time}`,
    "",
    names,
    empty,
  ].join("\n");
  const toSign = ["AWS4-HMAC-SHA256", time, scope.join("/"), sha256(request)].join("\n");
  const key = scope.reduce<string | Buffer>(hmac, `AWS4${access.secretKey}`);
  const signature = hmac(key, toSign).toString("hex");
  return {
    "x-amz-content-sha256": empty,
    "x-amz-date": time,
    authorization: `AWS4-HMAC-SHA256 Credential=${access.accessKey}/${scope.join("/")}, SignedHeaders=${names}, Signature=${signature}`,
  };
}
