/**
 * A small fleet's events, one Celery event a line with `_at`: three pools, steady work, and one trouble after another. Always
 * the same for one start.
 */

type Line = readonly [at: number, event: Readonly<Record<string, unknown>>];

const second = 1_000;
const minute = 60 * second;

/** Three hours from `startAt` (ms): failures of a new kind, a critical one, retries, a worker that dies, long silence of one pool. */
export function createShop(startAt: number): string {
  const lines: Line[] = [];
  let ids = 0;
  const say = (at: number, hostname: string, type: string, fields: object = {}): void => {
    lines.push([
      at,
      { type, hostname, timestamp: (startAt + at) / 1_000, clock: lines.length, pid: 1, utcoffset: 0, ...fields },
    ]);
  };

  function run(at: number, host: string, name: string, runMs: number, failure?: string): void {
    ids += 1;
    const uuid = `00000000-0000-4000-8000-${String(ids).padStart(12, '0')}`;
    say(at, host, 'task-received', {
      uuid,
      name,
      args: '()',
      kwargs: '{}',
      retries: 0,
      root_id: uuid,
      parent_id: null,
    });
    say(at + 20, host, 'task-started', { uuid });
    if (failure === undefined)
      say(at + runMs, host, 'task-succeeded', { uuid, result: 'None', runtime: runMs / 1_000 });
    else
      say(at + runMs, host, 'task-failed', {
        uuid,
        exception: `${failure}('it is so')`,
        traceback: tracebackOf(name, failure),
      });
  }

  const hosts = ['celery@mail-1', 'celery@mail-2', 'celery@pay-1', 'celery@pay-2', 'celery@web-1', 'celery@web-2'];
  for (const host of hosts) {
    say(0, host, 'worker-online', { freq: 5, active: 0, processed: 0 });
    const endsAt = host === 'celery@web-2' ? 95 * minute : 175 * minute;
    for (let at = 5 * second; at < endsAt; at += 5 * second)
      say(at, host, 'worker-heartbeat', { freq: 5, active: 0, processed: at / second });
  }
  for (let at = 10 * second; at < 175 * minute; at += 3 * second)
    run(at, hosts[(at / second) % 5] ?? hosts[0]!, 'web.render', 300);
  for (let at = 17 * second; at < 175 * minute; at += 20 * second) run(at, 'celery@mail-1', 'mail.send', 150);
  for (let at = 5 * minute; at < 175 * minute; at += 7 * minute)
    run(at, 'celery@mail-2', 'mail.send', 90, 'SMTPRefused');
  for (let at = 30 * minute; at < 34 * minute; at += 25 * second)
    run(at, 'celery@pay-1', 'billing.charge', 200, 'CardDeclined');
  for (let at = 60 * minute; at < 100 * minute; at += 40 * second)
    run(at, 'celery@pay-2', 'billing.charge', 200, 'LedgerLocked');
  for (let at = 75 * minute; at < 79 * minute; at += 10 * second)
    run(at, 'celery@mail-1', 'mail.render', 80, 'TemplateMissing');
  run(120 * minute, 'celery@pay-1', 'payouts.send', 70, 'BankClosed');
  for (let at = 0; at < 100 * minute; at += 30 * minute) run(at + 2 * second, 'celery@web-1', 'reports.nightly', 900);
  return lines
    .sort((a, b) => a[0] - b[0])
    .map(([at, event]) => `${JSON.stringify({ ...event, _at: (startAt + at) / 1_000 })}\n`)
    .join('');
}

function tracebackOf(name: string, failure: string): string {
  const [module, fn] = name.split('.') as [string, string];
  return [
    'Traceback (most recent call last):',
    `  File "/app/${module}/tasks.py", line 12, in ${fn}`,
    '    work()',
    `${module}.errors.${failure}: it is so`,
    '',
  ].join('\n');
}
