// Finds every module specifier of a TypeScript source: static, side-effect, export-from, dynamic and
// import("x") types. A small lexer, so that text in comments, strings, templates and regular
// expressions is never taken for an import.

export interface ImportScan {
  /** Module specifiers in order; undefined where import() takes a computed path. */
  readonly specifiers: readonly (string | undefined)[];
  /** True when the file consists of re-exports (and imports) only. */
  readonly barrel: boolean;
}

interface Token {
  readonly kind: "word" | "text" | "mark";
  readonly value: string;
}

const beforeRegExp = new Set(
  "return typeof case do else in of instanceof new delete void throw yield await".split(" "),
);

function startsRegExp(previous: Token | undefined): boolean {
  if (previous === undefined) return true;
  if (previous.kind === "text") return false;
  if (previous.kind === "word") return beforeRegExp.has(previous.value);
  return !(previous.value === ")" || previous.value === "]" || previous.value === "}");
}

function tokens(source: string): Token[] {
  const found: Token[] = [];
  const braces: ("code" | "template")[] = [];
  const word = /[\p{ID_Continue}$#]+/uy;
  const gap = /(?:\s+|\/\/[^\n]*|\/\*[\s\S]*?\*\/)+/y;
  const quoted = /"(?:[^"\\\n]|\\[\s\S])*"|'(?:[^'\\\n]|\\[\s\S])*'/y;
  const regExp = /\/(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/y;
  const template = /(?:[^`\\$]|\\[\s\S]|\$(?!\{))*(`|\$\{)/y;
  let at = source.startsWith("#!") ? source.indexOf("\n") : 0;

  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const match = pattern.exec(source);
    if (match !== null) at = pattern.lastIndex;
    return match;
  };
  const takeTemplate = (): void => {
    const start = at;
    const end = take(template);
    if (end === null) throw new SyntaxError("unterminated template");
    if (end[1] === "`") found.push({ kind: "text", value: source.slice(start, at - 1) });
    else {
      // Not a literal any more: what a computed specifier begins with.
      found.push({ kind: "mark", value: "${" });
      braces.push("template");
    }
  };

  while (at < source.length) {
    if (take(gap) !== null) continue;
    const char = source[at] ?? "";
    if (char === "`") {
      at++;
      takeTemplate();
    } else if (char === '"' || char === "'") {
      const text = take(quoted);
      if (text === null) throw new SyntaxError(`unterminated string at ${at}`);
      found.push({ kind: "text", value: text[0].slice(1, -1) });
    } else if (char === "/" && startsRegExp(found.at(-1)) && take(regExp) !== null) {
      found.push({ kind: "text", value: "" });
    } else {
      const name = take(word);
      if (name !== null) {
        found.push({ kind: "word", value: name[0] });
        continue;
      }
      at++;
      if (char === "{") braces.push("code");
      if (char === "}" && braces.pop() === "template") takeTemplate();
      else found.push({ kind: "mark", value: char });
    }
  }
  return found;
}

export function scanImports(source: string): ImportScan {
  const all = tokens(source);
  const specifiers: (string | undefined)[] = [];
  let reexports = 0;
  let rest = 0;
  const is = (i: number, value: string): boolean =>
    all[i]?.kind !== "text" && all[i]?.value === value;
  const text = (i: number): string | undefined =>
    all[i]?.kind === "text" ? all[i].value : undefined;

  /** Index behind a `{ … }`, `* as x`, default or type clause starting at i. */
  const behindClause = (start: number): number => {
    let i = start;
    if (is(i, "type") && !is(i + 1, "from") && !is(i + 1, ",")) i++;
    while (i < all.length && !is(i, "from") && !is(i, "=") && !is(i, ";")) {
      if (is(i, "{")) {
        while (i < all.length && !is(i, "}")) i++;
        i++;
        if (!is(i, "from")) return i;
      } else if (is(i, "*") || is(i, "as") || is(i, ",") || all[i]?.kind === "word") i++;
      else return i;
    }
    return i;
  };

  for (let i = 0; i < all.length; i++) {
    const member = is(i - 1, ".") && !is(i - 2, ".");
    if (is(i, "import") && !member && is(i + 1, "(")) {
      const literal = text(i + 2);
      specifiers.push(is(i + 3, ")") || is(i + 3, ",") ? literal : undefined);
      rest++;
    } else if (is(i, "import") && !member && text(i + 1) !== undefined) {
      specifiers.push(text(++i));
    } else if (is(i, "import") && !member && !is(i + 1, ".") && !is(i + 1, ":")) {
      const end = behindClause(i + 1);
      const from = is(end, "from") ? text(end + 1) : undefined;
      if (from === undefined) rest++;
      else {
        specifiers.push(from);
        i = end + 1;
      }
    } else if (
      is(i, "export") &&
      !member &&
      (is(i + 1, "*") ||
        is(i + 1, "{") ||
        (is(i + 1, "type") && (is(i + 2, "*") || is(i + 2, "{"))))
    ) {
      const end = behindClause(i + 1);
      const from = is(end, "from") ? text(end + 1) : undefined;
      const empty = is(i + 1, "{") && is(i + 2, "}");
      if (from !== undefined) specifiers.push(from);
      if (!empty) reexports++;
      i = from === undefined ? end - 1 : end + 1;
    } else if (is(i, "with") && is(i + 1, "{")) {
      while (i < all.length && !is(i, "}")) i++;
    } else if (!is(i, ";")) rest++;
  }
  return { specifiers, barrel: reexports > 0 && rest === 0 };
}
