/** Every id that any output contains has an answer of `taskvigil why`: recordings run through the whole pipeline and the page. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Book } from '../src/alert/incident.ts';
import { emptyBook } from '../src/alert/incident.ts';
import { createPlayer } from '../src/cli/playback/play.ts';
import { loadConfig } from '../src/config/load.ts';
import { policyOf } from '../src/config/policy/policy.ts';
import { FailureTally } from '../src/failure/tally.ts';
import { type Answer, answerOf } from '../src/notify/answers/answer.ts';
import { TaskHistory } from '../src/notify/answers/task-history.ts';
import { WorkerHistory } from '../src/notify/answers/worker-history.ts';
import { createDecisionLog } from '../src/notify/decision-log.ts';
import { recordOf } from '../src/sink/otlp/log-records.ts';
import { spansOf } from '../src/sink/otlp/spans.ts';
import { sentryEventOf } from '../src/sink/sentry/event.ts';
import { renderSlack } from '../src/sink/slack-message/message.ts';
import { payloadOf } from '../src/sink/webhook/payload.ts';
import { celeryFormat } from '../src/source/celery/format.ts';
import { readRecordings } from '../src/source/recording.ts';
import { Board } from '../src/status/board.ts';
import { createPage } from '../src/status/page/page.ts';

const loaded = loadConfig({
  text: 'broker: redis://a/0\nalerts: { learning: 0s }\n',
  file: 'c.yaml',
  env: {},
  hostname: 'h',
  readFile: () => '',
});
assert.ok(loaded.ok);
const { config } = loaded;
const policy = policyOf(config);

interface Played {
  readonly outputs: readonly string[];
  readonly ask: (question: string) => Answer;
  readonly page: (path: string) => number | undefined;
}

/** Plays a file with every output of a daemon, each as text. */
async function playedOf(file: string): Promise<Played> {
  const outputs: string[] = [];
  const write = (value: unknown) => void outputs.push(JSON.stringify(value));
  const [tasks, workers, decisions] = [new TaskHistory(), new WorkerHistory(), createDecisionLog()];
  const [board, tally] = [new Board(), new FailureTally()];
  const incidents = new Map<string, Book['incidents'][number]>();
  const bulletins = new Map<string, Book['bulletins'][number]>();
  let now = 0;
  const player = createPlayer({
    decode: celeryFormat.decode,
    tracks: [
      {
        policy,
        onDecision(decision) {
          decisions.recordDecision(decision);
          board.recordDecision(decision);
          write(decision);
        },
        onNotification(notification, at) {
          const { about } = notification;
          if (about.kind === 'incident') incidents.set(about.incident.id, about.incident);
          else bulletins.set(about.bulletin.id, about.bulletin);
          const message = renderSlack(notification, { links: [] });
          board.recordNotification(notification, message, at);
          write(message);
          write(payloadOf(notification, { namespace: 'n', linksOf: () => [] }));
        },
      },
    ],
    redact: config.redact,
    lifecycle: {
      ...config.limits,
      ...config.workers,
      witnesses: [],
      ownsAllWorkers: true,
      openTasksMax: config.limits.openTasks,
      workersMax: config.limits.workers,
    },
    viewers: [
      {
        transition(transition) {
          const spans = spansOf(transition);
          now = transition.at;
          tasks.recordTransition(transition);
          board.recordTransition(transition, spans);
          write(recordOf(transition));
          for (const span of spans) write(span);
        },
        failure(failure) {
          const group = tally.count(failure, now);
          if (group === undefined) return;
          tasks.recordFailure(failure);
          board.recordFailure(failure, group);
          write(sentryEventOf(failure, { environment: 'e', release: undefined, grouping: 'taskvigil' }));
        },
        worker(transition) {
          workers.recordWorker(transition);
          write(transition);
        },
      },
    ],
    isOneFile: true,
  });
  for await (const recorded of readRecordings([file], { format: celeryFormat })) await player.take(recorded);
  const views = player.lifecycle().workers();
  board.recordWorkers(views, player.lifecycle().trackedCount());
  player.settle();
  await player.runOut();
  const ask = (question: string): Answer =>
    answerOf(question, {
      tasks,
      workers,
      decisions,
      book: { ...emptyBook, incidents: [...incidents.values()], bulletins: [...bulletins.values()] },
      policy,
      views,
      now,
    });
  const page = createPage({ board, now: () => now, title: 't', isDemo: false, forgets: undefined, why: ask });
  outputs.push(page('/')?.body ?? '', page('/api/snapshot')?.body ?? '');
  return { outputs, ask, page: (path) => page(path)?.status };
}

/** Fields that hold an id or the name of a subject, in any output. */
const fields = new Set(
  (
    'taskId task_id traceId trace_id spanId span_id parentSpanId parent_id root_id id incident event_id hostname fingerprint queue pool ' +
    'messaging.message.id messaging.destination.name service.instance.id key signal exception'
  ).split(' '),
);
/** Constant parts of Sentry's fingerprint, and signals of the operating system. */
const constants = /^(?:taskvigil|v1|SIG[A-Z]+)$/;
const printed =
  /<code>([0-9a-f]{8,32})<\/code>|\/trace\/([0-9a-f]{32})|`([0-9a-f]{8,32})`|\bincident ([0-9a-f]{10,32})/g;

/** Each id or name in the outputs, with the field that it stands in. */
function idsIn(outputs: readonly string[]): Map<string, string> {
  const ids = new Map<string, string>();
  const visit = (value: unknown, field: string): void => {
    if (typeof value === 'string' && fields.has(field) && value !== '' && !constants.test(value)) ids.set(value, field);
    if (Array.isArray(value)) for (const one of value) visit(one, field);
    else if (typeof value === 'object' && value !== null)
      for (const [name, one] of Object.entries(value)) visit(one, name);
  };
  for (const output of outputs) {
    if (output.startsWith('{')) visit(JSON.parse(output), '');
    for (const match of output.matchAll(printed)) ids.set(match.slice(1).find((id) => id !== undefined) ?? '', 'text');
  }
  return ids;
}

const demo = fileURLToPath(new URL('../config/demo/recording.ndjson.gz', import.meta.url));
const recording = (name: string) => fileURLToPath(new URL(`data/recordings/${name}.ndjson.gz`, import.meta.url));

for (const file of [demo, recording('shop-563-edge-ids'), recording('shop-563-rabbitmq')]) {
  test(`every id in the outputs of ${file.split('/').at(-1)} has an answer`, async () => {
    const { outputs, ask } = await playedOf(file);
    const ids = idsIn(outputs);
    assert.ok(ids.size > 50, `${ids.size} ids found`);
    const unanswered = [...ids].filter(([id]) => {
      const { isKnown, lines } = ask(id);
      return !isKnown || lines.length === 0;
    });
    assert.deepEqual(unanswered.slice(0, 20), [], `${unanswered.length} of ${ids.size} ids without an answer`);
  });
}

test('an id that no output contains is not found, on the page too', async () => {
  const { ask, page } = await playedOf(recording('shop-563-rabbitmq'));
  for (const id of ['0'.repeat(32), 'c0ffee00-0000-4000-8000-000000000000', 'no.such.task']) {
    assert.equal(ask(id).isKnown, false, id);
    for (const kind of ['trace', 'task', 'incident', 'failure'])
      assert.equal(page(`/${kind}/${id}`), 404, `${kind} ${id}`);
  }
});
