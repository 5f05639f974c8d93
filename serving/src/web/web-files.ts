// The files of the dashboard as a browser takes them, made once: TypeScript with its types stripped, each with an
// entity tag of its bytes and compressed ahead. Nothing is built and nothing is read again for a request.
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { stripTypeScriptTypes } from "node:module";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { brotliCompress, gzip } from "node:zlib";

export interface WebFile {
  readonly type: string;
  readonly tag: string;
  /** By content coding; `identity` is always there. */
  readonly bytes: Readonly<Record<"identity" | "gzip" | "br", Uint8Array>>;
}

const WEB = new URL("../../web/", import.meta.url);
const TYPES: Readonly<Record<string, string>> = {
  css: "text/css; charset=utf-8",
  html: "text/html; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  svg: "image/svg+xml",
  ts: "text/javascript; charset=utf-8",
};

/** By path below `assets/`, and where the bare names that modules import are found among them. */
export interface WebAssets {
  readonly files: ReadonlyMap<string, WebFile>;
  readonly imports: Readonly<Record<string, string>>;
}

export async function webAssets(): Promise<WebAssets> {
  const client = new URL("./", import.meta.resolve("@tandem/client"));
  const files = new Map<string, WebFile>();
  await Promise.all([
    ...(await folder(WEB, "web")).map(async ([path, url]) => {
      if (!path.endsWith(".html")) files.set(path, await webFile(path, await readFile(url)));
    }),
    ...(await folder(client, "client")).map(async ([path, url]) => {
      files.set(path, await webFile(path, await readFile(url)));
    }),
    ...["uPlot.iife.min.js", "uPlot.min.css"].map(async (name) => {
      const bytes = await readFile(new URL(import.meta.resolve(`uplot/dist/${name}`)));
      // Half of the size of its own module: the minified script, and what makes a module of it.
      const more = name.endsWith(".js") ? "\nexport default uPlot;\n" : "";
      files.set(`uplot/${name}`, await webFile(name, Buffer.concat([bytes, Buffer.from(more)])));
    }),
  ]);
  const entry = ["client/index.ts", "client/index.js"].find((path) => files.has(path)) ?? "";
  return {
    files,
    imports: {
      "@tandem/client": `./assets/${entry}`,
      uplot: "./assets/uplot/uPlot.iife.min.js",
    },
  };
}

export const pageText = (): Promise<string> => readFile(new URL("index.html", WEB), "utf8");

/** Code below a folder. Declarations and tests' files are none. */
async function folder(at: URL, prefix: string): Promise<[path: string, url: URL][]> {
  const entries = await readdir(fileURLToPath(at), { recursive: true });
  return entries
    .map((entry) => entry.replaceAll("\\", "/"))
    .filter((entry) => /\.(?:ts|js|css|svg|html)$/.test(entry) && !entry.endsWith(".d.ts"))
    .map((entry) => [`${prefix}/${entry}`, new URL(entry, at)]);
}

export async function webFile(path: string, source: Uint8Array): Promise<WebFile> {
  const extension = path.slice(path.lastIndexOf(".") + 1);
  const identity =
    extension === "ts" ? Buffer.from(stripped(Buffer.from(source).toString("utf8"))) : source;
  const [zipped, brotli] = await Promise.all([
    promisify(gzip)(identity, { level: 9 }),
    promisify(brotliCompress)(identity),
  ]);
  const tag = createHash("sha256").update(identity).digest("base64url").slice(0, 27);
  const type = TYPES[extension] ?? "application/octet-stream";
  return { type, tag, bytes: { identity, gzip: zipped, br: brotli } };
}

/** Node calls the function experimental on standard error; whoever runs serving can do nothing about it. */
function stripped(source: string): string {
  const { emitWarning } = process;
  process.emitWarning = () => undefined;
  try {
    return stripTypeScriptTypes(source);
  } finally {
    process.emitWarning = emitWarning;
  }
}
