// Runs a command in the process that owns the data directory.
import { request } from "node:http";
import { createInterface } from "node:readline";
import type { Io } from "../commands/io.ts";
import type { OpsLine } from "./ops-server.ts";
import type { Owner } from "./owner-file.ts";

/** The command's exit code, or undefined where nobody listens there any more. */
export function askOwner(
  owner: Owner,
  argv: readonly string[],
  io: Io,
  withStdin: boolean,
): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const req = request(
      {
        host: "127.0.0.1",
        port: owner.port,
        method: "POST",
        path: "/command",
        headers: {
          authorization: `Bearer ${owner.token}`,
          "x-tandem-command": JSON.stringify({ argv, cwd: io.cwd }).replace(
            /[^\x20-\x7e]/g,
            (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`,
          ),
        },
      },
      (res) => {
        if (res.statusCode !== 200) {
          reject(new RangeError(`the owner process answered ${res.statusCode}`));
          return;
        }
        let exit = 1;
        createInterface({ input: res })
          .on("line", (text) => {
            const line = JSON.parse(text) as OpsLine;
            if ("out" in line) io.out(line.out);
            else if ("err" in line) io.err(line.err);
            else exit = line.exit;
          })
          .on("close", () => resolve(exit));
      },
    );
    req.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "ECONNREFUSED") resolve(undefined);
      else reject(error);
    });
    if (!withStdin) req.end();
    else {
      void (async () => {
        for await (const chunk of io.stdin)
          if (!req.write(chunk)) await new Promise((r) => req.once("drain", r));
        req.end();
      })().catch(reject);
    }
  });
}
