// S3: versitygw over a folder. Its file system needs extended attributes. Not 1.7.0: there two puts at once
// with `If-None-Match: *` can both succeed.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { goProgram } from "../fetch/go.ts";
import type { ServerKind } from "../server.ts";
import { PREFIX } from "../settings.ts";
import { s3Ready } from "../wire/s3-ready.ts";

const MODULE = "github.com/versity/versitygw/cmd/versitygw@v1.8.0";
export const S3_REGION = "us-east-1";

export const s3: ServerKind = ({ settings, folders, plan }) => {
  const name = "s3";
  const { s3: port = 0 } = plan.ports;
  const program = goProgram(settings.cache, "versitygw", MODULE);
  const access = { region: S3_REGION, accessKey: plan.s3AccessKey, secretKey: plan.s3SecretKey };
  return [
    {
      name,
      ports: [{ key: name, port, setting: `${PREFIX}S3_PORT` }],
      fetch: program.fetch,
      async start() {
        const data = join(folders.data, name);
        // Without a folder of accounts an unknown access key is answered 404 instead of 403.
        const accounts = join(folders.data, "s3-accounts");
        for (const dir of [data, accounts]) mkdirSync(dir, { recursive: true });
        const listen = ["--port", `127.0.0.1:${port}`, "--region", S3_REGION];
        const rest = ["--keep-alive", "--quiet", "--iam-dir", accounts, "posix", data];
        return {
          command: join(program.folder, "versitygw"),
          args: [...listen, ...rest],
          env: { ROOT_ACCESS_KEY: plan.s3AccessKey, ROOT_SECRET_KEY: plan.s3SecretKey },
        };
      },
      ready: () => s3Ready(port, access),
    },
  ];
};
