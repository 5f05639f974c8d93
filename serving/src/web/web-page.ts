// The dashboard's page with what it may load: scripts, styles and requests of its own origin, the import map by its
// hash, and no text that becomes markup (Content Security Policy 3; Trusted Types).
import { createHash } from "node:crypto";
import { pageText, type WebAssets, type WebFile, webFile } from "./web-files.ts";

export interface WebPage {
  readonly file: WebFile;
  readonly policy: string;
}

export async function webPage({ files, imports }: WebAssets): Promise<WebPage> {
  const map = JSON.stringify({ imports });
  // All at once instead of one import after another.
  const modules = [...files.keys()].filter((path) => /\.[tj]s$/.test(path)).sort();
  const preloads = modules.map((path) => `<link rel="modulepreload" href="./assets/${path}">`);
  const text = (await pageText())
    .replace("<!-- imports -->", () => `<script type="importmap">${map}</script>`)
    .replace("<!-- modules -->", () => preloads.join(""));
  return { file: await webFile("index.html", Buffer.from(text)), policy: policyOf(map) };
}

const policyOf = (inline: string): string =>
  [
    "default-src 'none'",
    `script-src 'self' 'sha256-${createHash("sha256").update(inline).digest("base64")}'`,
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join("; ");
