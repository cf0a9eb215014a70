/**
 * Text that Sentry's servers accept: within their length limits, without half characters, and without NUL, which servers with
 * PostgreSQL cannot store. Pure.
 */

export function head(text: string, charsMax: number): string {
  return storable(text.slice(0, charsMax));
}

export function tail(text: string, charsMax: number): string {
  return storable(text.slice(-charsMax));
}

export function oneLine(text: string, charsMax: number): string {
  return head(text.replace(/[\s\0]+/g, ' ').trim(), charsMax);
}

function storable(text: string): string {
  return text.toWellFormed().replaceAll('\0', '');
}
