// What the collector reads from a request's headers.
import type { IncomingHttpHeaders } from "node:http";
import { type PresentedKey, parsePresentedKey } from "@tandem/shared-logic";
import { type ContentEncoding, contentEncodingOf } from "./decode-body.ts";

/** Those that the collector looks at. */
export interface AskedHeaders
  extends Pick<
    IncomingHttpHeaders,
    "authorization" | "content-encoding" | "content-type" | "origin"
  > {
  readonly "x-api-key"?: string | string[] | undefined;
}

/** What the headers say of the body and of who sends it. */
export interface Asking {
  readonly typeAccepted: boolean;
  /** Undefined for one that is not known here. */
  readonly encoding: ContentEncoding | undefined;
  /** As it was presented where it is no key. */
  readonly key: PresentedKey | string | undefined;
}

export function askingOf(headers: AskedHeaders): Asking {
  const presented = presentedKey(headers);
  return {
    typeAccepted: acceptsType(headers["content-type"]),
    encoding: contentEncodingOf(headers["content-encoding"]),
    key: presented && (parsePresentedKey(presented) ?? presented),
  };
}

/** `Authorization: Bearer KEY` (RFC 6750), else `X-API-Key: KEY`. */
function presentedKey(headers: AskedHeaders): string | undefined {
  const { authorization, "x-api-key": plain } = headers;
  if (authorization !== undefined) {
    const bearer = /^bearer(?: +(.*))?$/i.exec(authorization);
    // Another scheme carries no API key, but it was meant as one.
    return bearer === null ? authorization : (bearer[1] ?? "");
  }
  return typeof plain === "string" ? plain.trim() : undefined;
}

const TYPES: ReadonlySet<string> = new Set([
  "",
  "application/json",
  "application/x-ndjson",
  "application/ndjson",
  // What a browser sends without asking first (sendBeacon, fetch in no-cors mode).
  "text/plain",
]);

/** Whether a Content-Type (RFC 9110, 8.3) is one of ours, in UTF-8; none at all is fine. */
function acceptsType(header: string | undefined): boolean {
  if (header === undefined || header === "application/json") return true;
  const [type = "", ...parameters] = header.toLowerCase().split(";");
  if (!TYPES.has(type.trim())) return false;
  return parameters.every((parameter) => {
    const [name = "", value = ""] = parameter.split("=");
    return name.trim() !== "charset" || /^"?utf-?8"?$/.test(value.trim());
  });
}
