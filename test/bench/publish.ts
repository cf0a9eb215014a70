/**
 * Publishes a stream to Redis: node publish.ts URL TRAFFIC_JSON MESSAGES_PER_SECOND, with 0 for all at once. Prints what it
 * sent as one JSON object. A stream that is sent all at once is made before.
 */
import { Redis } from 'ioredis';
import { type Traffic, trafficOf } from './traffic.ts';

const [url = '', traffic = '{}', pace = '0'] = process.argv.slice(2);
const perSecond = Number(pace);
const slicesPerSecond = 50;
const sliceMessages = perSecond === 0 ? 1_000 : Math.max(1, Math.round(perSecond / slicesPerSecond));

const stream = trafficOf(JSON.parse(traffic) as Traffic);
const redis = new Redis(url);
await redis.ping();
const source = perSecond === 0 ? [...stream] : stream;
const startedAt = performance.now();
let messages = 0;
let events = 0;
let heard = 0;
let pipeline = redis.pipeline();
for (const message of source) {
  pipeline.publish(message.channel, message.payload);
  messages += 1;
  events += message.events;
  if (messages % sliceMessages === 0) await send();
}
await send();
const seconds = (performance.now() - startedAt) / 1_000;
process.stdout.write(`${JSON.stringify({ messages, events, heard, seconds })}\n`);
await redis.quit();

async function send(): Promise<void> {
  for (const [error, receivers] of (await pipeline.exec()) ?? []) {
    if (error !== null) throw error;
    heard += Number(receivers);
  }
  pipeline = redis.pipeline();
  if (perSecond === 0) return;
  const aheadMs = (1_000 * messages) / perSecond - (performance.now() - startedAt);
  if (aheadMs > 0) await new Promise((resolve) => setTimeout(resolve, aheadMs));
}
