/** A real daemon and the sink that it exports to, with queries about the telemetry of a task. */
import { type FakeLogRecord, type FakeOtlp, startFakeOtlp } from '../fakes/otlp.ts';
import { freePort, startDaemon, waitFor } from './process.ts';

const sinks: FakeOtlp[] = [];

export async function startSink(): Promise<FakeOtlp> {
  const otlp = await startFakeOtlp();
  sinks.push(otlp);
  return otlp;
}

export async function stopSinks(): Promise<void> {
  await Promise.all(sinks.splice(0).map((one) => one.stop()));
}

/** A daemon that is ready and sends to `otlp`; `config` is YAML that ends with a line end. */
export async function startExporting(otlp: FakeOtlp, config: string) {
  const [ops, ui] = [await freePort(), await freePort()];
  const listen = `ops: { listen: "127.0.0.1:${ops}" }\nui: { listen: "127.0.0.1:${ui}" }\n`;
  const daemon = await startDaemon(`${config}otlp: { endpoint: "${otlp.endpoint}" }\n${listen}`, {}, ops);
  await daemon.ready();
  const page = async (): Promise<string> => (await fetch(`http://127.0.0.1:${ui}/`)).text();
  return {
    ...daemon,
    page,
    /** Resolves when a heartbeat of this worker reports an executing task. */
    waitUntilBusy: (worker: string): Promise<unknown> =>
      waitFor(`${worker} reports an executing task`, 20_000, async () =>
        new RegExp(`<td>${worker}</td><td>\\w+</td><td class="n">[1-9]`).test(await page()),
      ),
  };
}

export function recordsAbout(otlp: FakeOtlp, id: string): FakeLogRecord[] {
  return otlp.logRecords().filter(({ attributes }) => attributes['messaging.message.id'] === id);
}

export function about(otlp: FakeOtlp, id: string, name: string, value: string): FakeLogRecord[] {
  return recordsAbout(otlp, id).filter(({ attributes }) => attributes[name] === value);
}

/** The first record about a task that has this attribute, as soon as it is there. */
export function recordWith(
  otlp: FakeOtlp,
  id: string,
  name: string,
  value: string,
  withinMs = 40_000,
): Promise<FakeLogRecord> {
  const bodies = (): string =>
    recordsAbout(otlp, id)
      .map(({ body }) => String(body))
      .join('; ');
  return waitFor(
    () => `${name}=${value} of ${id}, found: ${bodies()}`,
    withinMs,
    () => about(otlp, id, name, value)[0],
  );
}

/** Outcome and cause of a task, as soon as its record arrives. */
export async function ending(otlp: FakeOtlp, id: string, withinMs?: number): Promise<readonly [unknown, unknown]> {
  const { attributes } = await recordWith(otlp, id, 'taskvigil.transition', 'task-ended', withinMs);
  return [attributes['taskvigil.outcome'], attributes['taskvigil.cause']];
}
