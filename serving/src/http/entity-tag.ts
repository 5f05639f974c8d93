// Entity tags (RFC 9110, 8.8.3 and 13.1.2). Ours are weak: equal in meaning, under any content coding.

export const entityTag = (tag: string): string => `W/"${tag}"`;

/** Whether an If-None-Match header names the tag. */
export function matchesTag(header: string | undefined, tag: string): boolean {
  if (header === undefined) return false;
  if (header.trim() === "*") return true;
  return [...header.matchAll(/(?:W\/)?"([^"]*)"/g)].some(([, t]) => t === tag);
}
