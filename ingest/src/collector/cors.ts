// Cross-origin requests (WHATWG Fetch, CORS protocol): configurable origins, never credentials, since
// an API key is not a cookie.

export type Origins = "*" | readonly string[];

export interface Cors {
  /** Headers of any answer to a request with this Origin; nothing for origins not allowed. */
  headers(origin: string | undefined): Readonly<Record<string, string>>;
  /** Headers of the answer to a preflight. */
  preflight(origin: string | undefined): Readonly<Record<string, string>>;
}

const NONE = {};
const EXPOSED = { "access-control-expose-headers": "retry-after" };
const PREFLIGHT = {
  "access-control-allow-methods": "POST, OPTIONS",
  "access-control-allow-headers": "authorization, content-encoding, content-type, x-api-key",
  "access-control-max-age": "86400",
};

export function cors(origins: Origins): Cors {
  const any = { "access-control-allow-origin": "*", ...EXPOSED };
  const listed = new Set(origins === "*" ? [] : origins);

  function headers(origin: string | undefined): Readonly<Record<string, string>> {
    if (origins === "*") return origin === undefined ? NONE : any;
    if (origin === undefined || !listed.has(origin)) return { vary: "origin" };
    return { "access-control-allow-origin": origin, vary: "origin", ...EXPOSED };
  }
  return {
    headers,
    preflight(origin) {
      const allowed = headers(origin);
      return "access-control-allow-origin" in allowed ? { ...allowed, ...PREFLIGHT } : allowed;
    },
  };
}
