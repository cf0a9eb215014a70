import assert from 'node:assert/strict';
import { test } from 'node:test';
import { incidentOf, notificationOf } from '../../../test/fakes/incident.ts';
import type { Decision } from '../../alert/decision.ts';
import type { Hostname } from '../../event/ids.ts';
import type { WorkerView } from '../../lifecycle/tables/worker-table.ts';
import { Board, type BoardSnapshot, type FailureGroup } from '../board.ts';
import type { DrawnSpan, TraceSummary } from '../board-traces.ts';
import { createPage } from './page.ts';

const empty = new Board().snapshot(0);

const why = (id: string) => ({ isKnown: id === 'known', lines: [`${id}: an answer`] });

function render(
  facts: Partial<BoardSnapshot> = {},
  { path = '/', isDemo = false, forgets }: { path?: string; isDemo?: boolean; forgets?: string } = {},
) {
  const board = { snapshot: () => ({ ...empty, ...facts }) } as unknown as Board;
  return createPage({ board, now: () => 0, title: 'pod-1 <b>', isDemo, forgets, why })(path);
}

test('without a store the page names what a restart forgets', () => {
  assert.match(render({}, { forgets: 'a & b' })?.body ?? '', /No store is configured: a restart forgets a &amp; b\./);
  assert.doesNotMatch(render()?.body ?? '', /No store/);
});

/** The section with this id, without the time elements' attributes. */
function sectionOf(id: string, facts: Partial<BoardSnapshot> = {}, path = '/'): string {
  const body = render(facts, { path })?.body ?? '';
  const start = body.indexOf(`<section id="${id}"`);
  return body.slice(start, body.indexOf('</section>', start)).replaceAll(/<time [^>]*>/g, '<time>');
}

function groupOf(index: number, facts: Partial<FailureGroup> = {}): FailureGroup {
  return {
    fingerprint: `fingerprint-${index}`,
    title: `KeyError: ${index}`,
    taskName: 'mail.send',
    class: 'bug',
    cause: 'app-error',
    count: 3,
    firstAt: 0,
    lastAt: 36_000_000,
    traceId: 'a'.repeat(32),
    ...facts,
  };
}

const span: DrawnSpan = {
  traceId: 't',
  spanId: 's',
  parentSpanId: undefined,
  name: 'mail.send',
  kind: 'consumer',
  startAt: 0,
  endAt: 10,
  isError: false,
  statusMessage: undefined,
  attributes: {},
};

function traceOf(id: string, facts: Partial<TraceSummary> = {}): TraceSummary {
  const traceId = id.padEnd(32, '0');
  return { traceId, name: `task ${id}`, spans: [span], isError: false, attempts: 1, startAt: 0, endAt: 10, ...facts };
}

const paths: readonly (readonly [path: string, type: string | undefined])[] = [
  ['/', 'text/html; charset=utf-8'],
  [`/trace/${'a'.repeat(32)}`, 'text/html; charset=utf-8'],
  ['/page.css', 'text/css; charset=utf-8'],
  ['/page.js', 'text/javascript; charset=utf-8'],
  ['/api/snapshot', 'application/json; charset=utf-8'],
  ['/trace/../etc', undefined],
  ['/index.html', undefined],
];
for (const [path, type] of paths) {
  test(`${path} is ${type ?? 'no page'}`, () => assert.equal(render({}, { path })?.type, type));
}

test('the snapshot is available as JSON', () => {
  const body = JSON.parse(render({ openTasks: 4 }, { path: '/api/snapshot' })?.body ?? '') as BoardSnapshot;
  assert.equal(body.openTasks, 4);
});

test('the title is escaped', () => {
  assert.match(render()?.body ?? '', /<small>pod-1 &lt;b&gt;<\/small>/);
});

const empties: readonly (readonly [id: string, text: string])[] = [
  ['slack', 'No messages yet.'],
  ['groups', 'No failures.'],
  ['trace', 'No task has ended yet.'],
  ['redaction', 'No values were removed.'],
  ['decisions', 'No decisions yet.'],
  ['workers', 'No gaps: all events could be received.'],
];
for (const [id, text] of empties) {
  test(`without content the section ${id} shows "${text}"`, () => assert.ok(sectionOf(id).includes(text)));
}

test('the head counts ended tasks over all outcomes', () => {
  const body =
    render({ outcomes: { succeeded: 5, recovered: 2, failed: 1 }, failureCount: 1, openTasks: 9 })?.body ?? '';
  for (const count of [
    '8</b> tasks ended',
    '5</b> succeeded',
    '2</b> recovered',
    '1</b> failures',
    '9</b> tasks still open',
  ])
    assert.ok(body.includes(`<b>${count}`), count);
});

test('messages are drawn as Slack shows them', () => {
  const message = {
    incident: 'i',
    channel: '#alerts',
    postedAt: 0,
    edits: 0,
    notification: notificationOf(incidentOf()),
    message: { blocks: [{ type: 'header', text: 'New failure' }] },
    replies: [],
  };
  assert.ok(sectionOf('slack', { messages: [message] }).includes('<h3>New failure</h3>'));
});

test('a group links to its trace, and its title is escaped', () => {
  const section = sectionOf('groups', { groups: [groupOf(1, { title: '<KeyError>' })] });
  assert.ok(section.includes(`<a href="/trace/${'a'.repeat(32)}">&lt;KeyError&gt;</a>`));
  assert.ok(section.includes('<time>10:00:00</time>'));
  assert.ok(section.includes('<code>fingerprin</code>'));
});

test('twelve groups are shown, the others after a click, at most a hundred in total', () => {
  const groups = (count: number) => Array.from({ length: count }, (_, index) => groupOf(index));
  assert.doesNotMatch(sectionOf('groups', { groups: groups(12) }), /<details>/);
  assert.match(sectionOf('groups', { groups: groups(13) }), /<summary>1 more group<\/summary>/);
  const section = sectionOf('groups', { groups: groups(120) });
  assert.match(section, /<summary>88 more groups<\/summary>/);
  assert.equal(section.match(/<tr><td/g)?.length, 100);
});

test('the newest failed trace with several attempts is drawn', () => {
  const traces = [traceOf('a'), traceOf('b', { isError: true }), traceOf('c', { isError: true, attempts: 2 })];
  assert.ok(sectionOf('trace', { traces }).includes(`<code>${'c'.padEnd(32, '0')}</code>`));
});

test('otherwise the trace with the most spans is drawn', () => {
  const traces = [traceOf('a'), traceOf('b', { spans: [span, { ...span, spanId: 's2' }] })];
  assert.ok(sectionOf('trace', { traces }).includes(`<code>${'b'.padEnd(32, '0')}</code>`));
});

test('the path selects a trace, which stays among the choices', () => {
  const failed = Array.from({ length: 16 }, (_, index) => traceOf(`${(index % 10) + 1}${index}`, { isError: true }));
  const traces = [...failed, traceOf('f')];
  const section = sectionOf('trace', { traces }, `/trace/${'f'.padEnd(32, '0')}`);
  assert.ok(section.includes(`<code>${'f'.padEnd(32, '0')}</code>`));
  assert.equal(section.match(/<li><a /g)?.length, 16);
  assert.match(section, /aria-current="true">task f /);
});

test('an unknown trace id is not found, whatever other traces the page has', () => {
  const reply = render({ traces: [traceOf('a')] }, { path: `/trace/${'e'.repeat(32)}` });
  assert.equal(reply?.status, 404);
  assert.ok(!reply.body.includes('a'.padEnd(32, '0')));
});

test('the beginning of one trace selects it, that of several lists them', () => {
  const traces = [traceOf('aaaa1'), traceOf('aaaa2'), traceOf('bbbb')];
  assert.ok(sectionOf('trace', { traces }, '/trace/bbbb').includes(`<code>${'bbbb'.padEnd(32, '0')}</code>`));
  const reply = render({ traces }, { path: '/trace/aaaa' });
  assert.equal(reply?.status, 300);
  assert.equal(reply.body.match(/href="\/trace\/aaaa/g)?.length, 2);
});

test('redactions are counts, with an example of at most 600 characters', () => {
  const redactions = [{ field: 'args', kind: 'token', count: 3 }];
  const section = sectionOf('redaction', { redactions, redactedExample: `${'x'.repeat(600)}yyy` });
  assert.ok(section.includes('<td>args</td><td>token</td><td class="n">3</td>'));
  assert.ok(section.includes(`<pre>${'x'.repeat(600)}</pre>`));
});

const decision: Decision = {
  at: 36_000_000,
  signal: 'failures.surge',
  key: undefined,
  incident: undefined,
  task: 'mail.send',
  exception: undefined,
  figures: { count: 20.6, limit: 14, withinMs: 600_000, baseline: 2, of: undefined },
  failures: 1,
  verdict: { notify: true, reason: 'opened', action: 'post' },
};

test('a decision shows its reason, its subject and its figures', () => {
  const section = sectionOf('decisions', { decisions: [decision], decisionCounts: { opened: 4 } });
  assert.ok(section.includes('<b>4</b> opened'));
  assert.ok(
    section.includes(
      '<tr><td><time>10:00:00</time></td><td>yes</td><td>opened</td><td>failures.surge · mail.send</td><td>21, threshold 14</td></tr>',
    ),
  );
});

test('a suppressed decision without figures', () => {
  const verdict = { notify: false, reason: 'below-threshold', by: undefined } as const;
  const section = sectionOf('decisions', { decisions: [{ ...decision, verdict, figures: undefined }] });
  assert.ok(section.includes('<td>no</td><td>below-threshold</td><td>failures.surge · mail.send</td><td>–</td>'));
});

test('the latest twelve decisions are shown', () => {
  const section = sectionOf('decisions', { decisions: Array(13).fill(decision) });
  assert.equal(section.match(/<tr><td>/g)?.length, 12);
});

const worker: WorkerView = {
  hostname: 'w1@<a>' as Hostname,
  pid: 1,
  state: 'online',
  lastSeenAt: 36_000_000,
  clockOffsetMs: -12_340,
  active: undefined,
  processed: undefined,
  software: undefined,
};

test('a worker without a heartbeat has unknown figures', () => {
  const section = sectionOf('workers', { workers: [worker] });
  assert.ok(
    section.includes(
      '<td>w1@&lt;a&gt;</td><td>online</td><td class="n">?</td><td>?</td><td class="n">-12.3 s</td><td><time>10:00:00</time></td>',
    ),
  );
});

test('gaps show their cause and duration', () => {
  const gap = { source: 'celery', cause: 'disconnected', from: 36_000_000, to: 36_002_500 };
  const one = sectionOf('workers', { gaps: [gap] });
  assert.ok(one.includes('<p>1 gap:</p>'));
  assert.ok(one.includes('<li>celery: disconnected, 2.50 s from <time>10:00:00</time></li>'));
  assert.ok(sectionOf('workers', { gaps: [gap, gap] }).includes('<p>2 gaps:</p>'));
});

test('uncertain tasks and rejected messages are shown only if there are any', () => {
  const section = sectionOf('workers', { uncertainTasks: 4, rejected: { pickle: 2 } });
  assert.ok(section.includes('<b>4</b> open tasks whose end may fall into a gap.'));
  assert.ok(section.includes('Rejected messages: 2 × pickle'));
  assert.doesNotMatch(sectionOf('workers'), /uncertain|Rejected|open tasks/);
});

test('only the demo shows the next steps', () => {
  assert.match(render({}, { isDemo: true })?.body ?? '', /Next: your own broker/);
  assert.doesNotMatch(render()?.body ?? '', /Next: your own broker/);
});

test('failed traces are the first choices, then those with several attempts, then those with more spans', () => {
  const traces = [
    traceOf('a'),
    traceOf('b', { spans: [span, { ...span, spanId: 's2' }] }),
    traceOf('c', { attempts: 2 }),
    traceOf('d', { isError: true }),
  ];
  const section = sectionOf('trace', { traces });
  const choices = [...section.matchAll(/<li><a [^>]*>(✗ )?task (\w)/g)].map(([, mark = '', name]) => `${mark}${name}`);
  assert.deepEqual(choices, ['✗ d', 'c', 'b', 'a']);
  assert.match(section, /task c <small>2 attempts, /);
  assert.doesNotMatch(section, /1 attempts/);
});

for (const { path, status, text } of [
  {
    path: '/trace/00000000000000000000000000000000',
    status: 404,
    text: 'Trace 00000000000000000000000000000000 not found',
  },
  { path: '/trace/known', status: 404, text: 'Known about the id' },
  { path: '/task/known', status: 200, text: 'known: an answer' },
  { path: '/task/other', status: 404, text: 'task other not found' },
  { path: '/incident/other', status: 404, text: 'incident other not found' },
  { path: '/failure/a%3Cb', status: 404, text: 'failure a&lt;b not found' },
]) {
  test(`${path} is answered with ${status}`, () => {
    const reply = createPage({
      board: new Board(),
      now: () => 0,
      title: 'pod-1',
      isDemo: false,
      forgets: undefined,
      why,
    })(path);
    assert.equal(reply?.status, status);
    assert.ok(reply.body.includes(text), reply.body);
  });
}

test('a path with a broken percent-encoding is not answered', () => {
  const page = createPage({ board: new Board(), now: () => 0, title: 'pod-1', isDemo: false, forgets: undefined, why });
  assert.equal(page('/task/%zz'), undefined);
});
