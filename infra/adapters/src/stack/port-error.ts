// A port that cannot be listened on, as the setting that names it.
import { TandemError } from "@tandem/shared-logic";
import { envNameOf } from "./setting-list.ts";

const code = (error: unknown): unknown =>
  error instanceof Error && "code" in error ? error.code : undefined;

/** `section`: of the settings `host` and `port`. Another error stays what it is. */
export function portError(section: string, host: string, port: number, error: unknown): unknown {
  const named = (setting: string): string =>
    `${section}.${setting} (${envNameOf(`${section}.${setting}`)})`;
  const say = (message: string): TandemError =>
    new TandemError("configuration", { message, cause: error });
  switch (code(error)) {
    case "EADDRINUSE":
      return say(
        `${named("port")}: another process listens on ${host}:${port}; choose another, or 0`,
      );
    case "EACCES":
      return say(`${named("port")}: this user may not listen on ${port}; choose one above 1023`);
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
      return say(`${named("host")}: ${host} is no address of this machine`);
    default:
      return error;
  }
}
