// Where the next page is, as a header for every format (RFC 8288): the address asked for with the cursor in it, relative
// to it, so that it holds behind any proxy.
import type { QueryParams } from "../query/problem.ts";

export function nextLink(params: QueryParams, next: string | undefined): Record<string, string> {
  if (next === undefined) return {};
  const search = new URLSearchParams();
  for (const [name, given] of Object.entries({ ...params, cursor: next }))
    for (const value of [given ?? []].flat()) search.append(name, value);
  return { Link: `<?${search}>; rel="next"` };
}
