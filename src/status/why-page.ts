import { type HttpReply, jsonReply } from './http.ts';

/**
 * Answers `/why?q=…` on the ops listener as JSON `{"lines": […]}`, with status 404 if nothing has that id; the lines then
 * name similar ids. Returns undefined for any other path.
 */
export function whyPage(
  path: string,
  why: (question: string) => { readonly isKnown: boolean; readonly lines: readonly string[] },
): HttpReply | undefined {
  const url = URL.parse(path, 'http://ops');
  if (url?.pathname !== '/why') return undefined;
  const { isKnown, lines } = why(url.searchParams.get('q') ?? '');
  return jsonReply(isKnown ? 200 : 404, { lines });
}
