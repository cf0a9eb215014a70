/** Snapshot of the board → the status page. Pure. The page has no external scripts and refreshes itself every two seconds. */
import type { Decision } from '../../alert/decision.ts';
import type { Board, BoardSnapshot } from '../board.ts';
import type { TraceSummary } from '../board-traces.ts';
import type { HttpReply } from '../http.ts';
import { answerReply, type IdAnswer, noTraceReply, severalTracesReply } from './answer-page.ts';
import { css, script } from './assets.ts';
import { chooseTrace } from './choose-trace.ts';
import { type Html, html } from './html.ts';
import { slackMessage } from './slack.ts';
import { durationOf, waterfall } from './trace.ts';

export interface PageOptions {
  readonly board: Board;
  readonly now: () => number;
  /** `demo` or the name of the instance. */
  readonly title: string;
  /** Adds a panel with the next steps. */
  readonly isDemo: boolean;
  /** State that a restart loses; undefined if a store keeps it. */
  readonly forgets: string | undefined;
  /** The answer to an id that the page draws no trace for. */
  readonly why: (question: string) => IdAnswer;
}

/** The replies to the page's own paths; undefined for any other path. */
export function createPage({
  board,
  now,
  title,
  isDemo,
  forgets,
  why,
}: PageOptions): (path: string) => HttpReply | undefined {
  return (path) => {
    if (path === '/page.css') return { status: 200, type: 'text/css; charset=utf-8', body: css };
    if (path === '/page.js') return { status: 200, type: 'text/javascript; charset=utf-8', body: script };
    const snapshot = board.snapshot(now());
    if (path === '/api/snapshot')
      return { status: 200, type: 'application/json; charset=utf-8', body: JSON.stringify(snapshot) };
    if (path === '/') return pageReply(snapshot, { title, isDemo, forgets, chosen: mostInstructive(snapshot.traces) });
    const [, kind, encoded] = subjectPath.exec(path) ?? [];
    const id = encoded === undefined ? undefined : decoded(encoded);
    if (kind === undefined || id === undefined) return undefined;
    if (kind !== 'trace') return answerReply(kind, id, why(id));
    const choice = chooseTrace(snapshot.traces, id);
    if (choice.kind === 'found') return pageReply(snapshot, { title, isDemo, forgets, chosen: choice.trace });
    if (choice.kind === 'several') return severalTracesReply(id, choice.traces);
    return noTraceReply(id, snapshot.traces.length, why(id));
  };
}

const subjectPath = /^\/(trace|task|incident|failure|worker|pool|queue|schedule)\/([^/]{1,3072})$/;

/** Undefined for a path that is no valid percent-encoding. */
function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

interface View extends Pick<PageOptions, 'title' | 'isDemo' | 'forgets'> {
  /** The trace to draw; undefined if there is none yet. */
  readonly chosen: TraceSummary | undefined;
}

function pageReply(snapshot: BoardSnapshot, view: View): HttpReply {
  return { status: 200, type: 'text/html; charset=utf-8', body: `<!doctype html>\n${renderPage(snapshot, view)}` };
}

function renderPage(snapshot: BoardSnapshot, { chosen, ...options }: View): Html {
  return html`<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>taskvigil · ${options.title}</title><link rel="stylesheet" href="/page.css"><script src="/page.js" defer></script></head>
<body><header><h1>taskvigil <small>${options.title}</small></h1>${counts(snapshot)}</header>
<main id="main">
${options.forgets === undefined ? '' : html`<p class="about">No store is configured: a restart forgets ${options.forgets}.</p>`}
${section('slack', 'Slack', 'Messages as Slack shows them. One message per incident, edited in place.', snapshot.messages.length === 0 ? html`<p class="none">No messages yet.</p>` : html`${snapshot.messages.map((message) => slackMessage(message, time))}`)}
${section('groups', 'Failure groups', 'Failures grouped by cause.', groupTable(snapshot))}
${section('trace', 'Trace', 'One task from its publication to its end. Click a row for details.', chosen === undefined ? html`<p class="none">No task has ended yet.</p>` : html`${traceChoice(snapshot.traces, chosen)}${waterfall(chosen)}`)}
${section('redaction', 'Redaction', 'Values removed before export: counts, never the values.', redactionTable(snapshot))}
${section('decisions', 'Decisions', 'The reason for each message, and for each message that was not sent.', decisionTable(snapshot))}
${section('workers', 'Workers and gaps', 'Workers that send events, and times in which events could not be received.', workerTable(snapshot))}
${options.isDemo ? nextSteps : ''}
</main></body></html>`;
}

function section(id: string, name: string, about: string, body: Html): Html {
  return html`<section id="${id}" aria-labelledby="${id}-h"><h2 id="${id}-h">${name}</h2><p class="about">${about}</p>${body}</section>`;
}

function counts({ outcomes, failureCount, messages, openTasks }: BoardSnapshot): Html {
  const ended = Object.values(outcomes).reduce((sum, count) => sum + count, 0);
  const figures: readonly (readonly [string, number])[] = [
    ['tasks ended', ended],
    ['succeeded', outcomes['succeeded'] ?? 0],
    ['recovered', outcomes['recovered'] ?? 0],
    ['failures', failureCount],
    ['Slack messages', messages.length],
    ['tasks still open', openTasks],
  ];
  return html`<ul class="counts">${figures.map(([name, count]) => html`<li><b>${count}</b> ${name}</li>`)}</ul>`;
}

/** Fits on one screen. The other groups are one click away. */
const groupsShown = 12;

function groupTable({ groups }: BoardSnapshot): Html {
  if (groups.length === 0) return html`<p class="none">No failures.</p>`;
  const rest = groups.slice(groupsShown, 100);
  return html`${groupRows(groups.slice(0, groupsShown))}${rest.length === 0 ? '' : html`<details><summary>${rest.length} more ${rest.length === 1 ? 'group' : 'groups'}</summary>${groupRows(rest)}</details>`}`;
}

function groupRows(groups: BoardSnapshot['groups']): Html {
  return html`<div class="wide"><table class="groups"><thead><tr><th scope="col">Count</th><th scope="col">Failure</th><th scope="col">Task</th><th scope="col">Class</th><th scope="col">Cause</th><th scope="col">Last</th><th scope="col">Fingerprint</th></tr></thead>
<tbody>${groups.map((group) => html`<tr><td class="n">${group.count}</td><td><a href="/trace/${group.traceId}">${group.title}</a></td><td>${group.taskName}</td><td>${group.class}</td><td>${group.cause}</td><td>${time(group.lastAt)}</td><td><code>${group.fingerprint.slice(0, 10)}</code></td></tr>`)}</tbody></table></div>`;
}

/** The newest trace with several attempts and an error, otherwise the one with the most spans. */
function mostInstructive(traces: readonly TraceSummary[]): TraceSummary | undefined {
  return (
    traces.find((trace) => trace.isError && trace.attempts > 1) ??
    traces.toSorted((a, b) => b.spans.length - a.spans.length)[0]
  );
}

function traceChoice(traces: readonly TraceSummary[], chosen: TraceSummary): Html {
  const choices = traces
    .toSorted(
      (a, b) => Number(b.isError) - Number(a.isError) || b.attempts - a.attempts || b.spans.length - a.spans.length,
    )
    .slice(0, 16);
  const shown = choices.includes(chosen) ? choices : [chosen, ...choices.slice(1)];
  return html`<nav aria-label="Traces"><ul class="traces">${shown.map((trace) => html`<li><a href="/trace/${trace.traceId}"${trace === chosen ? html` aria-current="true"` : ''}>${trace.isError ? '✗ ' : ''}${trace.name} <small>${trace.attempts > 1 ? `${trace.attempts} attempts, ` : ''}${durationOf(trace.endAt - trace.startAt)}</small></a></li>`)}</ul></nav><p>Trace <code>${chosen.traceId}</code></p>`;
}

function redactionTable({ redactions, redactedExample }: BoardSnapshot): Html {
  if (redactions.length === 0) return html`<p class="none">No values were removed.</p>`;
  return html`<div class="wide"><table><thead><tr><th scope="col">Field</th><th scope="col">Kind</th><th scope="col">Removed</th></tr></thead><tbody>${redactions.map(({ field, kind, count }) => html`<tr><td>${field}</td><td>${kind}</td><td class="n">${count}</td></tr>`)}</tbody></table></div>
${redactedExample === undefined ? '' : html`<p>Example:</p><pre>${redactedExample.slice(0, 600)}</pre>`}`;
}

function decisionTable({ decisions, decisionCounts }: BoardSnapshot): Html {
  if (decisions.length === 0) return html`<p class="none">No decisions yet.</p>`;
  return html`<ul class="counts">${Object.entries(decisionCounts).map(([reason, count]) => html`<li><b>${count}</b> ${reason}</li>`)}</ul>
<div class="wide"><table><thead><tr><th scope="col">Time</th><th scope="col">Notified</th><th scope="col">Reason</th><th scope="col">Subject</th><th scope="col">Figures</th></tr></thead><tbody>${decisions.slice(0, 12).map(decisionRow)}</tbody></table></div>`;
}

function decisionRow({ at, verdict, signal, task, exception, figures }: Decision): Html {
  const about = [signal, task, exception].filter((part) => part !== undefined).join(' · ');
  const numbers = figures === undefined ? '–' : `${Math.round(figures.count)}, threshold ${Math.round(figures.limit)}`;
  return html`<tr><td>${time(at)}</td><td>${verdict.notify ? 'yes' : 'no'}</td><td>${verdict.reason}</td><td>${about}</td><td>${numbers}</td></tr>`;
}

function workerTable({ workers, gaps, uncertainTasks, rejected }: BoardSnapshot): Html {
  return html`<div class="wide"><table><thead><tr><th scope="col">Worker</th><th scope="col">State</th><th scope="col">Executing</th><th scope="col">Software</th><th scope="col">Clock</th><th scope="col">Last event</th></tr></thead><tbody>${workers.map((worker) => html`<tr><td>${worker.hostname}</td><td>${worker.state}</td><td class="n">${worker.active ?? '?'}</td><td>${worker.software ?? '?'}</td><td class="n">${clockText(worker.clockOffsetMs)}</td><td>${time(worker.lastSeenAt)}</td></tr>`)}</tbody></table></div>
<p>${gaps.length === 0 ? 'No gaps: all events could be received.' : `${gaps.length} ${gaps.length === 1 ? 'gap' : 'gaps'}:`}</p>
${gaps.length === 0 ? '' : html`<ul>${gaps.map((gap) => html`<li>${gap.source}: ${gap.cause}, ${durationOf(gap.to - gap.from)} from ${time(gap.from)}</li>`)}</ul>`}
${uncertainTasks === 0 ? '' : html`<p><b>${uncertainTasks}</b> open tasks whose end may fall into a gap. Their state is unknown until a second source answers.</p>`}
${Object.keys(rejected).length === 0 ? '' : html`<p>Rejected messages: ${Object.entries(rejected).map(([reason, count]) => html`${count} × ${reason} `)}</p>`}`;
}

function time(at: number): Html {
  const iso = new Date(at).toISOString();
  return html`<time datetime="${iso}">${iso.slice(11, 19)}</time>`;
}

const nextSteps = html`<section id="next" aria-labelledby="next-h"><h2 id="next-h">Next: your own broker</h2>
<p>Create <code>config.yaml</code>:</p>
<pre>broker: redis://localhost:6379/0
slack:
  token_file: /run/secrets/slack-token
  channel: "#celery-alerts"
critical: [payouts.tasks.*]</pre>
<p>Check it with <code>npm run --silent taskvigil -- check -c config.yaml</code>, then start <code>npm run --silent taskvigil -- run -c config.yaml</code>. Workers must send events: <code>celery worker -E</code>.</p></section>`;

/** `+12.3 s` for a clock that is ahead. */
function clockText(offsetMs: number): string {
  const seconds = (offsetMs / 1_000).toFixed(1);
  return offsetMs === 0 ? '' : `${offsetMs > 0 ? '+' : ''}${seconds} s`;
}
