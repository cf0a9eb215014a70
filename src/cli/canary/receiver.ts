/**
 * A collector, a Sentry and a Slack on this machine, as far as our own sinks can tell, that keep every byte and pass
 * nothing on: what they hold is what would have left.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { gunzipSync } from 'node:zlib';

export type ReceivingSink = 'traces' | 'logs' | 'sentry' | 'slack';

export interface CanaryReceiver {
  readonly otlpEndpoint: string;
  readonly sentryDsn: string;
  readonly slackApiUrl: string;
  /** Everything that came for a sink: paths, headers, bodies. */
  text(sink: ReceivingSink): string;
  stop(): Promise<void>;
}

export async function startCanaryReceiver(): Promise<CanaryReceiver> {
  const received: Record<ReceivingSink, string[]> = { traces: [], logs: [], sentry: [], slack: [] };
  let answered = 0;
  const server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      const path = request.url ?? '';
      received[sinkOf(path)].push(`${path}\n${JSON.stringify(request.headers)}\n${body}`);
      answered += 1;
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(answerTo(path, answered)));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the receiver has no port');
  const host = `127.0.0.1:${address.port}`;
  return {
    otlpEndpoint: `http://${host}`,
    sentryDsn: `http://canary@${host}/1`,
    slackApiUrl: `http://${host}/slack/`,
    text: (sink) => received[sink].join('\n'),
    async stop() {
      if (!server.listening) return;
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function sinkOf(path: string): ReceivingSink {
  if (path.startsWith('/v1/traces')) return 'traces';
  if (path.startsWith('/v1/logs')) return 'logs';
  return path.startsWith('/slack/') ? 'slack' : 'sentry';
}

/** Slack's answers, with a new message's time each; the others look at the status only. */
function answerTo(path: string, count: number): object {
  if (!path.startsWith('/slack/')) return {};
  const channel = { id: 'C0CANARY01', name: 'canary', is_member: true };
  const ts = `1700000000.${String(count).padStart(6, '0')}`;
  return {
    ok: true,
    ts,
    channel: path.includes('conversations.') ? channel : channel.id,
    message: { ts },
    messages: [],
    channels: [channel],
    permalink: 'https://slack.invalid/canary',
    response_metadata: { next_cursor: '' },
  };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  const plain = request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
  // Forms hide their letters behind `%`.
  return (
    plain.toString('utf8') + (request.headers['content-type']?.includes('form') === true ? `\n${decoded(plain)}` : '')
  );
}

function decoded(body: Buffer): string {
  return [...new URLSearchParams(body.toString('utf8'))].map(([name, value]) => `${name}=${value}`).join('\n');
}
