/** Names of exception classes, as tracebacks and lines of code contain them. */
import { partOf } from '../untrusted.ts';

/** The last part of a dotted name: `requests.exceptions.Timeout` is `Timeout`, `shop.NotFound[shop.Order]` `NotFound[shop.Order]`. */
export function shortName<Text extends string>(type: Text): Text {
  const madeFrom = type.search(/[[(]/);
  return partOf(type, type.slice(type.lastIndexOf('.', madeFrom < 0 ? type.length : madeFrom) + 1));
}

// Only a class with a small letter certainly is one; `ERROR` can be a variable.
const raisedPattern = /(?:^|: )raise (?:\w+\.)*(_*[A-Z]\w*[a-z]\w*)(?:\(|\s*$| from\b)/;

/** The class that a line of code raises: `raise errors.CardRefused(reason)`; undefined for a variable or a call. */
export function raisedClassIn<Text extends string>(source: Text): Text | undefined {
  const name = raisedPattern.exec(source)?.[1];
  return name === undefined ? undefined : partOf(source, name);
}
