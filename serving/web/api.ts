// The query API with the key that a person entered. The key lives in this tab's session storage and goes out in a
// header, never in an address.
import { type Answer, type ApiError, type Client, createClient, type Result } from "@tandem/client";

const KEY = "tandem.key";

export const keyOf = (): string | undefined => sessionStorage.getItem(KEY) ?? undefined;
export const keepKey = (key: string): void => sessionStorage.setItem(KEY, key);
export const forgetKey = (): void => sessionStorage.removeItem(KEY);

/** Where the page lies the API lies, also behind a proxy with a prefix. */
export const base = (): string => new URL(".", location.href).href.split("#")[0] ?? "";

export function api(key = keyOf()): Client {
  return createClient({ url: base(), ...(key === undefined ? {} : { key }) });
}

/** An answer as it is shown, of a stream or of a request. */
export type Shown = Omit<Answer, "cost">;

/** What is wrong and what would work. */
export function problemText(error: Omit<ApiError, "status" | "code">): string {
  const { message, parameter, expected } = error;
  const works = error.would_work.slice(0, 6).join(", ");
  return [
    message,
    expected === undefined ? "" : `${parameter ?? "Expected"}: ${expected}.`,
    works === "" ? "" : `This would work: ${works}.`,
  ]
    .filter((part) => part !== "")
    .join(" ");
}

export const isNoKey = ({ status }: ApiError): boolean => status === 401 || status === 403;

export class Refused extends Error {}

/** The value, or the problem thrown as words. */
export async function told<T>(asked: Promise<Result<T>>): Promise<T> {
  const result = await asked;
  if (result.ok) return result.value;
  throw new Refused(problemText(result.error));
}
