// A request as handlers see it: the tenant comes from the key and from nowhere else.
import type { IncomingHttpHeaders } from "node:http";
import type { QueryParams } from "../query/problem.ts";

export interface Asked {
  /** Empty where the route needs no key. */
  readonly tenant: string;
  readonly path: Readonly<Record<string, string>>;
  readonly params: QueryParams;
  readonly ifNoneMatch: string | undefined;
  readonly lastEventId: string | undefined;
  /** Whether the key may still do this. */
  allowed(): Promise<boolean>;
  readonly accept: string | undefined;
}

/** `Authorization: Bearer KEY` (RFC 6750), else `X-API-Key: KEY`. */
export function presentedKey(headers: IncomingHttpHeaders): string | undefined {
  const { authorization, "x-api-key": plain } = headers;
  if (authorization !== undefined) {
    const bearer = /^bearer(?: +(.*))?$/i.exec(authorization);
    // Another scheme carries no API key, but it was meant as one.
    return bearer === null ? authorization : (bearer[1] ?? "");
  }
  return typeof plain === "string" ? plain.trim() : undefined;
}

/** A parameter given several times is a list. */
export function paramsOf(url: string): QueryParams {
  const at = url.indexOf("?");
  const params: Record<string, string | string[]> = Object.create(null);
  if (at < 0) return params;
  for (const [name, value] of new URLSearchParams(url.slice(at + 1))) {
    const known = params[name];
    if (known === undefined) params[name] = value;
    else if (typeof known === "string") params[name] = [known, value];
    else known.push(value);
  }
  return params;
}
