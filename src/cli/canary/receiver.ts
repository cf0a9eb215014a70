/**
 * A local HTTP server that acts as the collector, Sentry, Slack and a webhook. It stores every request and forwards nothing, so its
 * content is the output of the sinks.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { gunzipSync } from 'node:zlib';

export type ReceivingSink = 'traces' | 'logs' | 'sentry' | 'slack' | 'webhook';

export interface CanaryReceiver {
  readonly otlpEndpoint: string;
  readonly sentryDsn: string;
  readonly slackApiUrl: string;
  readonly webhookUrl: string;
  /** All requests of a sink: paths, headers, bodies. */
  text(sink: ReceivingSink): string;
  stop(): Promise<void>;
}

export async function startCanaryReceiver(): Promise<CanaryReceiver> {
  const received: Record<ReceivingSink, string[]> = { traces: [], logs: [], sentry: [], slack: [], webhook: [] };
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
  if (address === null || typeof address === 'string') throw new Error('expected the receiver to have a port');
  const host = `127.0.0.1:${address.port}`;
  return {
    otlpEndpoint: `http://${host}`,
    sentryDsn: `http://canary@${host}/1`,
    slackApiUrl: `http://${host}/slack/`,
    webhookUrl: `http://${host}/webhook`,
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
  if (path.startsWith('/webhook')) return 'webhook';
  return path.startsWith('/slack/') ? 'slack' : 'sentry';
}

/** Slack's responses, each with a new message time. The other sinks check only the status. */
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
  // Slack's form bodies are URL-encoded, so they are stored decoded too.
  return (
    plain.toString('utf8') + (request.headers['content-type']?.includes('form') === true ? `\n${decoded(plain)}` : '')
  );
}

function decoded(body: Buffer): string {
  return [...new URLSearchParams(body.toString('utf8'))].map(([name, value]) => `${name}=${value}`).join('\n');
}
