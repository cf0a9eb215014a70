/** The page's reply to a path with an id that it draws no trace for: the known facts, or that it is unknown. */
import type { TraceSummary } from '../board-traces.ts';
import type { HttpReply } from '../http.ts';
import { type Html, html } from './html.ts';

export interface IdAnswer {
  /** False if nothing has the id; `lines` then names similar ids. */
  readonly isKnown: boolean;
  readonly lines: readonly string[];
}

/** The reply to `/task/ID`, `/incident/ID`, `/failure/FINGERPRINT` and the other kinds. */
export function answerReply(kind: string, id: string, { isKnown, lines }: IdAnswer): HttpReply {
  const heading = isKnown ? `${kind} ${id}` : `${kind} ${id} not found`;
  return page(isKnown ? 200 : 404, heading, html`<ul>${lines.map((line) => html`<li>${line}</li>`)}</ul>`);
}

/** The reply for a trace that the page does not keep. */
export function noTraceReply(id: string, kept: number, { isKnown, lines }: IdAnswer): HttpReply {
  const body = html`<p>The page keeps ${kept} traces: those of failed and retried tasks, and a sample of the others. This one is
not among them. Look for it in your tracing backend, or run <code>taskvigil why ${id}</code>.</p>
${isKnown ? html`<p>Known about the id:</p>` : ''}<ul>${lines.map((line) => html`<li>${line}</li>`)}</ul>`;
  return page(404, `Trace ${id} not found`, body);
}

/** The reply for the beginning of several traces. */
export function severalTracesReply(id: string, traces: readonly TraceSummary[]): HttpReply {
  const links = traces.map(
    ({ traceId, name }) => html`<li><a href="/trace/${traceId}">${name} <code>${traceId}</code></a></li>`,
  );
  return page(300, `${traces.length} traces begin with ${id}`, html`<ul>${links}</ul>`);
}

function page(status: number, heading: string, body: Html): HttpReply {
  const text = html`<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>taskvigil · ${heading}</title><link rel="stylesheet" href="/page.css"></head>
<body><header><h1>taskvigil</h1></header><main><section><h2>${heading}</h2>${body}<p><a href="/">Back to the status page</a></p></section></main></body></html>`;
  return { status, type: 'text/html; charset=utf-8', body: `<!doctype html>\n${text}` };
}
