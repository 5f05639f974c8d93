// `GET /` and what lies below `/assets/`: the dashboard. It carries no data and asks for no key; what it shows it asks
// the API for, with the key that a person gives it.
import type { IncomingMessage, ServerResponse } from "node:http";
import { matchesTag } from "../http/entity-tag.ts";
import { codingFor } from "../http/send.ts";
import { type WebAssets, type WebFile, webAssets } from "./web-files.ts";
import { type WebPage, webPage } from "./web-page.ts";

interface Web {
  readonly assets: WebAssets;
  readonly page: WebPage;
}

let made: Promise<Web> | undefined;

/** Of this process, for as long as it lives. */
function web(): Promise<Web> {
  made ??= webAssets().then(async (assets) => ({ assets, page: await webPage(assets) }));
  return made;
}

/** False: there is no such file. */
export async function webAnswer(req: IncomingMessage, res: ServerResponse): Promise<boolean> {
  if (req.method !== "GET" && req.method !== "HEAD") return false;
  const path = (req.url ?? "").replace(/\?.*$/s, "");
  if (path !== "/" && !path.startsWith("/assets/")) return false;
  const { assets, page } = await web();
  const file = path === "/" ? page.file : assets.files.get(path.slice("/assets/".length));
  if (file === undefined) return false;
  if (path === "/") res.setHeader("Content-Security-Policy", page.policy);
  sendFile(req, res, file);
  return true;
}

function sendFile(req: IncomingMessage, res: ServerResponse, file: WebFile): void {
  const coding = codingFor(req.headers["accept-encoding"]?.toString());
  const bytes = coding === "br" || coding === "gzip" ? file.bytes[coding] : file.bytes.identity;
  res.setHeader("Cache-Control", "no-cache");
  res.setHeader("Vary", "Accept-Encoding");
  res.setHeader("ETag", `W/"${file.tag}"`);
  if (matchesTag(req.headers["if-none-match"], file.tag)) {
    res.statusCode = 304;
    res.end();
    return;
  }
  res.statusCode = 200;
  res.setHeader("Content-Type", file.type);
  res.setHeader("Content-Length", bytes.length);
  if (coding !== undefined) res.setHeader("Content-Encoding", coding);
  res.end(req.method === "HEAD" ? undefined : bytes);
}
