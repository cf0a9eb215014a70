/** The part of a line of code that names its statement, and that an edit of the rest rarely changes. */

/** A longer line is generated; its beginning identifies it. */
const sourceCharsMax = 500;

/** A keyword that starts a statement, with the name that a loop, an import or a deletion gives or takes. */
const keyword =
  /^(?:async )?(for [^=(]*? in\b|with\b|while\b|if\b|elif\b|return\b|yield\b|await\b|assert\b|del\b|import\b|from\b|raise\b|lambda\b|else\b|try\b)/;
/** The target of an assignment, the name of an argument, or the key of an entry, which stand before the value. */
const target = /^([\w.,\s()*[\]'"-]+?)(?:\s*:\s*[\w.[\], |"']+)?\s*(?:\*\*|\/\/|<<|>>|[-+*/%@&|^:])?=(?!=)/;
const entry = /^(['"]?[\w-]+['"]?)\s*:/;

/**
 * `total =` of `total = price * nights`, `return` of `return price`, `for room in` of a loop, and otherwise the called
 * function. Two defects of one function differ in it, if they are in different statements.
 */
export function statementHead(source: string): string {
  const line = source.slice(0, sourceCharsMax).replace(/\s+/g, ' ').trim();
  const head = keyword.exec(line)?.[1] ?? target.exec(line)?.[1] ?? entry.exec(line)?.[1] ?? called(line);
  return head.trim();
}

function called(line: string): string {
  const at = line.indexOf('(');
  return at < 0 ? '' : line.slice(0, at);
}
