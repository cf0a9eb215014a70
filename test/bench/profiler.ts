/** A CPU profile of this process for a stretch of its life. */
import { writeFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';

const intervalUs = 500;

/** Begins at once; the answer ends it and writes the file. Without a file nothing is profiled. */
export async function profileTo(file: string | undefined): Promise<() => Promise<void>> {
  if (file === undefined) return async () => {};
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval: intervalUs });
  await session.post('Profiler.start');
  return async () => {
    const { profile } = await session.post('Profiler.stop');
    writeFileSync(file, JSON.stringify(profile));
  };
}
