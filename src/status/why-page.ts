import { type HttpReply, jsonReply } from './http.ts';

/**
 * Answers `/why?q=…` on the ops listener: the decisions about an incident, a task or a cause as JSON `{"lines": […]}`,
 * status 404 if there are none. Returns undefined for any other path.
 */
export function whyPage(path: string, why: (question: string) => readonly string[]): HttpReply | undefined {
  const url = URL.parse(path, 'http://ops');
  if (url?.pathname !== '/why') return undefined;
  const question = url.searchParams.get('q') ?? '';
  const lines = question === '' ? [] : why(question);
  return jsonReply(lines.length === 0 ? 404 : 200, { lines });
}
