/** Events of made-up tasks and workers: the bodies of Celery 5.6, key for key. */

/** One event before it is written: when, by whom, and in which message. */
export interface Speech {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly hostname: string;
  readonly group: 'task.sent' | 'task.multi' | 'worker.heartbeat';
  readonly body: object;
}

export interface TaskSpec {
  readonly id: string;
  readonly root: string;
  readonly parent: string | null;
  readonly name: string;
  readonly hostname: string;
  /** Epoch milliseconds of its publication. */
  readonly at: number;
  readonly index: number;
}

export type Ended = 'succeeded' | 'failed' | 'retried';

const modules = ['loading', 'sorting', 'weighing', 'billing'];
export const taskNames: readonly string[] = Array.from(
  { length: 40 },
  (_, index) => `depot.${modules[index % modules.length]}.tasks.step_${index}`,
);

const producer = 'gen4711@front-1';

export function outcomeOf(dice: number): Ended {
  return dice < 0.05 ? 'failed' : dice < 0.08 ? 'retried' : 'succeeded';
}

export function sentOf(spec: TaskSpec, retries: number, afterMs: number): Speech {
  const { id, root, parent, name, index } = spec;
  const [args, kwargs] = argumentsOf(index);
  const about = { uuid: id, root_id: root, parent_id: parent, name, args, kwargs, retries, eta: null, expires: null };
  const where = { queue: 'celery', exchange: '', routing_key: 'celery' };
  return speech('task.sent', 'task-sent', retries === 0 ? producer : spec.hostname, spec, afterMs, {
    ...about,
    ...where,
  });
}

export function receivedOf(spec: TaskSpec, retries: number, afterMs: number): Speech {
  const { id, root, parent, name, index } = spec;
  const [args, kwargs] = argumentsOf(index);
  const about = { uuid: id, name, args, kwargs, root_id: root, parent_id: parent, retries, eta: null, expires: null };
  return speech('task.multi', 'task-received', spec.hostname, spec, afterMs, about);
}

export function startedOf(spec: TaskSpec, afterMs: number): Speech {
  return speech('task.multi', 'task-started', spec.hostname, spec, afterMs, { uuid: spec.id });
}

export function endedAs(outcome: Ended, spec: TaskSpec, afterMs: number, workMs: number): Speech {
  const said =
    outcome === 'succeeded'
      ? { uuid: spec.id, result: `{'pallet': ${spec.index % 977}, 'ok': True}`, runtime: workMs / 1_000 }
      : { uuid: spec.id, ...exceptionOf(spec) };
  return speech('task.multi', `task-${outcome}`, spec.hostname, spec, afterMs, said);
}

export function heartbeatOf(hostname: string, at: number, processed: number): Speech {
  const counts = { freq: 2, active: 2, processed, loadavg: [0.42, 0.51, 0.63] };
  const software = { sw_ident: 'py-celery', sw_ver: '5.6.3', sw_sys: 'Linux' };
  const body = {
    hostname,
    utcoffset: 0,
    pid: 17,
    clock: processed,
    ...counts,
    ...software,
    timestamp: at / 1_000,
    type: 'worker-heartbeat',
  };
  return { at, hostname, group: 'worker.heartbeat', body };
}

function speech(
  group: Speech['group'],
  type: string,
  hostname: string,
  spec: TaskSpec,
  afterMs: number,
  said: object,
): Speech {
  const at = spec.at + afterMs;
  const body = { hostname, utcoffset: 0, pid: 17, clock: spec.index * 4, ...said, timestamp: at / 1_000, type };
  return { at, hostname, group, body };
}

/** Mostly plain; a third carries what must be hidden, a tenth is long. */
function argumentsOf(index: number): readonly [string, string] {
  const args = `(${100_000 + index}, 'pallet-${index % 977}', ${index % 40})`;
  const plain = `'customer': 'c-${index % 211}', 'gate': 'north', 'weights': [12.5, ${index % 90}.25, 7], 'dry_run': False`;
  if (index % 10 === 0) {
    const lines = Array.from(
      { length: 12 },
      (_, line) => `{'sku': 'A-${index}-${line}', 'count': ${line + 1}, 'price': '${line}.90'}`,
    );
    return [args, `{${plain}, 'lines': [${lines.join(', ')}]}`];
  }
  if (index % 3 === 0) return [args, `{${plain}, 'email': 'user${index}@mail.example', 'api_key': 'k${index}Zq7Lw9'}`];
  return [args, `{${plain}}`];
}

/** A traceback of some 1,500 characters, as Celery's tracer writes it. */
function exceptionOf({ name, index }: TaskSpec): object {
  const message = `scale ${index % 7} did not settle for pallet ${index}`;
  const frames = Array.from(
    { length: 8 },
    (_, depth) =>
      `  File "/srv/depot/lib/layer_${depth}.py", line ${30 + depth * 7}, in step_${depth}\n    return step_${depth + 1}(pallet, scale=scale, retries=retries)\n`,
  ).join('');
  const tracer =
    '  File "/usr/local/lib/python3.11/site-packages/celery/app/trace.py", line 585, in trace_task\n    R = retval = fun(*args, **kwargs)\n                 ^^^^^^^^^^^^^^^^^^^^\n  File "/usr/local/lib/python3.11/site-packages/celery/app/trace.py", line 858, in __protected_call__\n    return self.run(*args, **kwargs)\n           ^^^^^^^^^^^^^^^^^^^^^^^^^\n';
  return {
    exception: `ScaleError('${message}')`,
    traceback: `Traceback (most recent call last):\n${tracer}${frames}  File "/srv/depot/tasks.py", line 88, in ${name.split('.').at(-1)}\n    raise ScaleError(message)\ndepot.errors.ScaleError: ${message}\n`,
  };
}
