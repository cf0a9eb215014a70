/**
 * A real RabbitMQ for tests: on free loopback ports, under a name of its own, with every file in one temporary folder.
 * The server runs as the user of the tests; the packaged wrapper would change to the user of a system-wide server.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { freePort, type Running, start, temporaryFolder, waitFor } from './process.ts';

export interface Permissions {
  /** Regular expressions over the names of queues and exchanges; '' allows nothing. */
  readonly configure: string;
  readonly write: string;
  readonly read: string;
}

export interface Rabbit {
  readonly port: number;
  readonly tlsPort: number;
  /** PEM, signed by itself, for 127.0.0.1. */
  readonly certificate: string;
  /** For the administrator, guest. */
  readonly url: string;
  /** One rabbitmqctl command; answers what it wrote, fails with what it complained of. */
  ctl(...args: readonly string[]): Promise<string>;
  addUser(name: string, password: string, permissions: Permissions): Promise<void>;
  /** Closes every connection, as an operator would; clients may come back at once. */
  closeConnections(): Promise<void>;
  queues(): Promise<readonly Queue[]>;
  /** Ends the server and starts it again with the same files and the same port. */
  restart(): Promise<void>;
  /** Ends the server and its port mapper. The files stay until everything goes. */
  stop(): Promise<void>;
}

export interface Queue {
  readonly name: string;
  /** Ready and handed out, together. */
  readonly messages: number;
  /** Of the bodies. */
  readonly message_bytes: number;
  readonly consumers: number;
}

/** Folders in which packages install the programs themselves, behind the wrappers on the path. */
const folders = ['/usr/lib/rabbitmq/bin', '/usr/local/lib/rabbitmq/sbin', '/opt/rabbitmq/sbin'];

const startWithinMs = 60_000;

/** Missing programs and how to get them, or undefined. A missing program fails the test in CI. */
export function missingRabbit(): string | undefined {
  const path = (process.env['PATH'] ?? '').split(delimiter);
  const missing = [
    ...(programFolder() === undefined ? ['rabbitmq-server'] : []),
    ...['epmd', 'openssl'].filter((name) => !path.some((folder) => existsSync(join(folder, name)))),
  ];
  if (missing.length === 0) return undefined;
  const told = `missing: ${missing.join(', ')}. Get it with: apt-get install rabbitmq-server openssl`;
  if (process.env['CI'] === 'true') throw new Error(told);
  process.stderr.write(`\nSKIPPED, not tested: ${told}\n\n`);
  return told;
}

const bootsMax = 3;

/** A free port is anyone's until the server has bound it, so a boot that finds one taken begins again with others. */
export async function startRabbit(wanted?: number, boot = 1): Promise<Rabbit> {
  const programs = programFolder();
  if (programs === undefined) throw new Error('rabbitmq-server is not installed');
  const folder = temporaryFolder();
  const ports = {
    port: wanted ?? (await freePort()),
    tlsPort: await freePort(),
    mapperPort: await freePort(),
    nodePort: await freePort(),
  };
  const { port, tlsPort, mapperPort } = ports;
  const env = environment({ ...ports, folder });

  // Erlang starts a port mapper as a daemon where none answers, and that would outlive the tests.
  const mapper = start('epmd', ['-port', String(mapperPort), '-address', '127.0.0.1'], { env });
  await waitFor('epmd answers', 10_000, () => spawnSync('epmd', ['-port', String(mapperPort), '-names']).status === 0);
  let server: Running;
  try {
    server = await startServer(programs, env);
  } catch (error) {
    await mapper.stop('SIGKILL');
    if (boot === bootsMax || !/eaddrinuse|dist_port_already_used/.test(String(error))) throw error;
    return startRabbit(wanted, boot + 1);
  }

  async function ctl(...args: readonly string[]): Promise<string> {
    const command = start(join(programs ?? '', 'rabbitmqctl'), ['--quiet', ...args], { env });
    const code = await command.ended;
    if (code !== 0) throw new Error(`rabbitmqctl ${args[0]} ended with ${code}: ${command.output()}`);
    return command.output();
  }

  return {
    port,
    tlsPort,
    certificate: readFileSync(join(folder, 'certificate.pem'), 'utf8'),
    url: `amqp://guest:guest@127.0.0.1:${port}`,
    ctl,
    async addUser(name, password, { configure, write, read }) {
      await ctl('add_user', name, password);
      await ctl('set_permissions', '-p', '/', name, configure, write, read);
    },
    async closeConnections() {
      await ctl('close_all_connections', 'a test asked for it');
    },
    async queues() {
      const told = await ctl('list_queues', 'name', 'messages', 'message_bytes', 'consumers', '--formatter', 'json');
      return JSON.parse(told.slice(told.indexOf('['))) as Queue[];
    },
    async restart() {
      await server.stop('SIGTERM');
      server = await startServer(programs, env);
    },
    async stop() {
      // Asked nicely, the server would take seconds to save what no test wants back.
      await server.stop('SIGKILL');
      await mapper.stop('SIGKILL');
    },
  };
}

async function startServer(programs: string, env: NodeJS.ProcessEnv): Promise<Running> {
  const server = start(join(programs, 'rabbitmq-server'), [], { env });
  const said = () => server.output().slice(-4_000);
  await waitFor(
    () => `rabbitmq is up: ${said()}`,
    startWithinMs,
    () => {
      if (server.child.exitCode !== null) throw new Error(`rabbitmq ended: ${said()}`);
      return server.output().includes('Server startup complete');
    },
  );
  return server;
}

function programFolder(): string | undefined {
  return folders.find((folder) => existsSync(join(folder, 'rabbitmq-server')));
}

interface Place {
  readonly port: number;
  readonly tlsPort: number;
  readonly mapperPort: number;
  readonly nodePort: number;
  readonly folder: string;
}

function environment({ port, tlsPort, mapperPort, nodePort, folder }: Place): NodeJS.ProcessEnv {
  const inside = (name: string) => join(folder, name);
  for (const name of ['data', 'log', 'schema', 'generated']) mkdirSync(inside(name));
  // Empty, so that neither the system's settings nor its plugins apply.
  writeFileSync(inside('rabbitmq-env.conf'), '');
  writeFileSync(inside('enabled_plugins'), '[].\n');
  const subject = ['-subj', '/CN=rabbitmq for tests', '-addext', 'subjectAltName=IP:127.0.0.1'];
  const files = ['-keyout', inside('key.pem'), '-out', inside('certificate.pem')];
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  const made = spawnSync('openssl', ['req', '-x509', ...key, ...subject, ...files], { encoding: 'utf8' });
  if (made.status !== 0) throw new Error(`openssl made no certificate: ${made.stderr}`);
  writeFileSync(
    inside('rabbitmq.conf'),
    `disk_free_limit.absolute = 10MB
listeners.ssl.1 = 127.0.0.1:${tlsPort}
ssl_options.certfile = ${inside('certificate.pem')}
ssl_options.keyfile = ${inside('key.pem')}
ssl_options.verify = verify_none
`,
  );
  return {
    PATH: process.env['PATH'] ?? '',
    LANG: 'C.UTF-8',
    // The cookie that lets rabbitmqctl in is made here.
    HOME: folder,
    ERL_EPMD_PORT: String(mapperPort),
    ERL_EPMD_ADDRESS: '127.0.0.1',
    RABBITMQ_NODENAME: `taskvigil-${port}@localhost`,
    RABBITMQ_NODE_IP_ADDRESS: '127.0.0.1',
    RABBITMQ_NODE_PORT: String(port),
    RABBITMQ_DIST_PORT: String(nodePort),
    RABBITMQ_CONF_ENV_FILE: inside('rabbitmq-env.conf'),
    RABBITMQ_CONFIG_FILE: inside('rabbitmq.conf'),
    RABBITMQ_ENABLED_PLUGINS_FILE: inside('enabled_plugins'),
    RABBITMQ_MNESIA_BASE: inside('data'),
    RABBITMQ_LOG_BASE: inside('log'),
    RABBITMQ_LOGS: '-',
    RABBITMQ_SCHEMA_DIR: inside('schema'),
    RABBITMQ_GENERATED_CONFIG_DIR: inside('generated'),
    RABBITMQ_PID_FILE: inside('pid'),
    // Two schedulers are plenty, and leave the machine to the tests.
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '+S 2:2 -kernel inet_dist_use_interface {127,0,0,1}',
  };
}
