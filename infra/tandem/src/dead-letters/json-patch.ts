// Patches of JSON values: a list is a JSON Patch (RFC 6902: add, remove, replace, test, move, copy), anything else a
// merge patch (RFC 7396). Pure: what is given stays as it is. A patch that does not fit is a BadPatch.

export class BadPatch extends Error {}

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
type Container = Json[] | { [key: string]: Json };

const isObject = (v: Json | undefined): v is { [key: string]: Json } =>
  typeof v === "object" && v !== null && !Array.isArray(v);

export function patched(value: Json, patch: Json): Json {
  if (!Array.isArray(patch)) return merged(value, patch);
  return patch.reduce((now, operation) => applied(now, operation), structuredClone(value));
}

function merged(value: Json, patch: Json): Json {
  if (!isObject(patch)) return structuredClone(patch);
  const out = new Map(Object.entries(isObject(value) ? value : {}));
  for (const [key, part] of Object.entries(patch)) {
    if (part === null) out.delete(key);
    else out.set(key, merged(out.get(key) ?? null, part));
  }
  return Object.fromEntries(out);
}

/** RFC 6901. */
function tokensOf(pointer: Json | undefined): string[] {
  if (typeof pointer !== "string" || !/^(\/([^~]|~[01])*)?$/.test(pointer))
    throw new BadPatch(`${JSON.stringify(pointer)} is no JSON pointer`);
  const tokens = pointer.split("/").slice(1);
  return tokens.map((t) => t.replaceAll("~1", "/").replaceAll("~0", "~"));
}

function applied(value: Json, operation: Json): Json {
  if (!isObject(operation)) throw new BadPatch(`${JSON.stringify(operation)} is no operation`);
  const { op, path, from } = operation;
  const given = operation["value"];
  const tokens = tokensOf(path);
  const needed = (): Json => {
    if (given === undefined) throw new BadPatch(`${op} of ${path} has no value`);
    return structuredClone(given);
  };
  switch (op) {
    case "add":
      return put(value, tokens, needed(), true);
    case "replace":
      at(value, tokens);
      return put(value, tokens, needed(), false);
    case "remove":
      return removed(value, tokens);
    case "test":
      if (canonical(at(value, tokens)) !== canonical(needed()))
        throw new BadPatch(`${path} is ${JSON.stringify(at(value, tokens))}`);
      return value;
    case "copy":
      return put(value, tokens, structuredClone(at(value, tokensOf(from))), true);
    case "move": {
      const source = tokensOf(from);
      if (tokens.length > source.length && source.every((t, i) => t === tokens[i]))
        throw new BadPatch(`${from} cannot be moved into itself`);
      const moved = at(value, source);
      return put(removed(value, source), tokens, moved, true);
    }
    default:
      throw new BadPatch(`${JSON.stringify(op)} is no operation of a JSON Patch`);
  }
}

function canonical(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const keys = Object.keys(value).sort();
  return `{${keys.map((k) => `${JSON.stringify(k)}:${canonical(value[k] ?? null)}`).join()}}`;
}

function at(value: Json, tokens: readonly string[]): Json {
  let now: Json | undefined = value;
  for (const token of tokens) {
    if (Array.isArray(now)) now = /^(0|[1-9]\d*)$/.test(token) ? now[Number(token)] : undefined;
    else now = isObject(now) && Object.hasOwn(now, token) ? now[token] : undefined;
    if (now === undefined) throw new BadPatch(`there is no /${tokens.join("/")}`);
  }
  if (now === undefined) throw new BadPatch("there is nothing");
  return now;
}

function holderOf(value: Json, tokens: readonly string[]): [Container, string] {
  const holder = at(value, tokens.slice(0, -1));
  const last = tokens.at(-1) ?? "";
  if (typeof holder !== "object" || holder === null)
    throw new BadPatch(`/${tokens.slice(0, -1).join("/")} holds nothing`);
  // Assigning to it would change more than the event.
  if (last === "__proto__") throw new BadPatch("__proto__ cannot be patched");
  return [holder, last];
}

function put(value: Json, tokens: readonly string[], given: Json, insert: boolean): Json {
  if (tokens.length === 0) return given;
  const [holder, last] = holderOf(value, tokens);
  if (!Array.isArray(holder)) {
    holder[last] = given;
    return value;
  }
  const index = last === "-" ? holder.length : Number(last);
  if (!(/^(-|0|[1-9]\d*)$/.test(last) && index <= holder.length))
    throw new BadPatch(`${last} is no place in a list of ${holder.length}`);
  holder.splice(index, insert ? 0 : 1, given);
  return value;
}

function removed(value: Json, tokens: readonly string[]): Json {
  at(value, tokens);
  if (tokens.length === 0) throw new BadPatch("an event cannot be removed");
  const [holder, last] = holderOf(value, tokens);
  if (Array.isArray(holder)) holder.splice(Number(last), 1);
  else delete holder[last];
  return value;
}
