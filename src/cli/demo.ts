/**
 * taskvigil demo: plays a recorded Celery stream through the real daemon, faster than it was recorded, with the memory store
 * and a status page. Sinks of the environment (`OTEL_EXPORTER_OTLP_ENDPOINT`, `SENTRY_DSN`, `SLACK_BOT_TOKEN`) are used too.
 */
import { fileURLToPath } from 'node:url';
import { type Clock, createScaledClock, createSystemClock, type ScaledClock } from '../runtime/clock.ts';
import { celeryFormat } from '../source/celery/format.ts';
import { createPacedRecording } from '../source/paced-recording.ts';
import type { Source } from '../source/source.ts';

/** Two minutes of a shop's tasks, with failures, retries, kills and planted secrets, in a third of a minute. */
const playSpeed = 6;
/** Afterwards ten minutes pass in ten seconds, so that the incidents resolve. */
const resolveSpeed = 60;

/** Configuration of the demo, without a learning period. `slackChannel` is undefined without a Slack token. */
export function demoConfig(port: number, slackChannel: string | undefined): string {
  const slack = slackChannel === undefined ? '' : `slack: { channel: ${JSON.stringify(slackChannel)} }\n`;
  return `broker: redis://recorded/0
${slack}ops: { listen: "127.0.0.1:0" }
ui: { listen: "127.0.0.1:${port}" }
log: { level: error, format: text }
alerts: { learning: 0s }
`;
}

const demoFile = fileURLToPath(new URL('../../config/demo/recording.ndjson.gz', import.meta.url));

export interface Demo {
  readonly clock: ScaledClock;
  readonly source: Source;
}

/** The clock and the source of the demo's daemon. `onEnd` runs at the end of the recording. */
export function createDemo(onEnd: () => void, system: Clock = createSystemClock()): Demo {
  const clock = createScaledClock(system, playSpeed);
  const source = createPacedRecording({
    name: 'recording',
    files: [demoFile],
    format: celeryFormat,
    clock,
    ended() {
      clock.setSpeed(resolveSpeed);
      onEnd();
    },
  });
  return { clock, source };
}
