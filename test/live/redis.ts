/** Redis as operators run it: behind TLS with an authority of their own, and behind a Sentinel that can fail over. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { freePort, type Running, start, temporaryFolder, waitFor } from './process.ts';

/** `subject`: what its certificate is for, `IP:127.0.0.1` or `DNS:name`. */
export async function startTlsRedis(subject: string): Promise<{ readonly port: number; readonly caFile: string }> {
  const folder = temporaryFolder();
  const at = (name: string): string => join(folder, name);
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  openssl(['req', '-x509', ...key, '-subj', '/CN=an authority', '-keyout', at('ca.key'), '-out', at('ca.pem')]);
  openssl(['req', ...key, '-subj', '/CN=a server', '-keyout', at('key.pem'), '-out', at('request.pem')]);
  writeFileSync(at('names'), `subjectAltName=${subject}\n`);
  const signer = [
    '-CA',
    at('ca.pem'),
    '-CAkey',
    at('ca.key'),
    '-CAcreateserial',
    '-days',
    '2',
    '-extfile',
    at('names'),
  ];
  openssl(['x509', '-req', '-in', at('request.pem'), ...signer, '-out', at('certificate.pem')]);
  const port = await freePort();
  const files = ['--tls-cert-file', at('certificate.pem'), '--tls-key-file', at('key.pem')];
  const tls = ['--tls-port', String(port), ...files, '--tls-ca-cert-file', at('ca.pem'), '--tls-auth-clients', 'no'];
  await startServer(['--port', '0', ...tls]);
  return { port, caFile: at('ca.pem') };
}

function openssl(args: readonly string[]): void {
  const { status, stderr } = spawnSync('openssl', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`openssl ${args[0]}: ${stderr}`);
}

export interface Sentinel {
  readonly port: number;
  readonly masterName: string;
  /** Kills the master; resolves with the port of the server that is promoted. */
  failOver(): Promise<number>;
  masterPort(): Promise<number>;
}

/** A master, a replica and one Sentinel, which needs no other Sentinel to agree. */
export async function startSentinel(): Promise<Sentinel> {
  const [first, second, port] = [await freePort(), await freePort(), await freePort()];
  const masterName = 'ovens';
  const master = await startServer(['--port', String(first)]);
  await startServer(['--port', String(second), '--replicaof', '127.0.0.1', String(first)]);
  const file = join(temporaryFolder(), 'sentinel.conf');
  writeFileSync(
    file,
    `port ${port}
bind 127.0.0.1
sentinel monitor ${masterName} 127.0.0.1 ${first} 1
sentinel down-after-milliseconds ${masterName} 1000
sentinel failover-timeout ${masterName} 10000
`,
  );
  start('redis-server', [file, '--sentinel']);
  const ask = async <T>(of: (redis: Redis) => Promise<T>): Promise<T | undefined> => {
    const redis = new Redis(port, '127.0.0.1', { lazyConnect: true, retryStrategy: () => null });
    redis.on('error', () => {});
    try {
      await redis.connect();
      return await of(redis);
    } catch {
      return undefined;
    } finally {
      redis.disconnect();
    }
  };
  const masterPort = async (): Promise<number> => {
    const address = await ask((redis) => redis.call('SENTINEL', 'get-master-addr-by-name', masterName));
    return Number((address as string[] | undefined)?.[1] ?? 0);
  };
  await waitFor('the sentinel knows the replica', 30_000, async () => {
    const replicas = await ask((redis) => redis.call('SENTINEL', 'replicas', masterName));
    return Array.isArray(replicas) && replicas.length === 1 && JSON.stringify(replicas).includes('"slave"');
  });
  return {
    port,
    masterName,
    masterPort,
    async failOver() {
      await master.stop('SIGKILL');
      return waitFor('a new master', 60_000, async () => {
        const now = await masterPort();
        return now !== first && now !== 0 && now;
      });
    },
  };
}

async function startServer(args: readonly string[]): Promise<Running> {
  const server = start('redis-server', ['--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', ...args]);
  await waitFor(
    () => `redis accepts connections: ${server.output()}`,
    10_000,
    () => server.output().includes('Ready to accept connections'),
  );
  return server;
}
