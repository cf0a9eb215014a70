/** A recording as a source: the first event arrives now, the others at the intervals at which they were received. */
import type { Millis } from '../event/ids.ts';
import type { Clock } from '../runtime/clock.ts';
import { type Recorded, readRecordings } from './recording.ts';
import type { Decoded, Outlet, Source } from './source.ts';
import type { MessageFormat } from './system.ts';

export interface PacedRecordingOptions {
  readonly name: string;
  readonly files: readonly string[];
  readonly format: MessageFormat;
  readonly clock: Pick<Clock, 'now' | 'sleep'>;
  /** Called after the last event. */
  readonly ended: () => void;
}

export function createPacedRecording({ name, files, format, clock, ended }: PacedRecordingOptions): Source {
  const stopped = new AbortController();

  async function play(outlet: Outlet): Promise<void> {
    let shiftMs: Millis | undefined;
    for await (const recorded of readRecordings(files, { format })) {
      shiftMs ??= clock.now() - recorded.at;
      const waitMs = recorded.at + shiftMs - clock.now();
      if (waitMs > 0) await clock.sleep(waitMs, stopped.signal);
      if (stopped.signal.aborted) return;
      for (const decoded of decodedOf(recorded, format)) outlet.decoded(shifted(decoded, shiftMs));
    }
    ended();
  }

  return {
    name,
    async start(outlet) {
      outlet.connected(true, clock.now());
      void play(outlet);
    },
    async stop() {
      stopped.abort();
    },
  };
}

function decodedOf(recorded: Recorded, format: MessageFormat): readonly Decoded[] {
  if (recorded.kind === 'event') return [recorded.decoded];
  return recorded.kind === 'message' ? format.decode(recorded.message) : [];
}

function shifted(decoded: Decoded, byMs: Millis): Decoded {
  if (!decoded.ok) return decoded;
  const { event } = decoded;
  const moved = { ...event, at: event.at + byMs, receivedAt: event.receivedAt + byMs };
  if (!('eta' in moved)) return { ok: true, event: moved };
  const eta = moved.eta === undefined ? undefined : moved.eta + byMs;
  const expires = moved.expires === undefined ? undefined : moved.expires + byMs;
  return { ok: true, event: { ...moved, eta, expires } };
}
