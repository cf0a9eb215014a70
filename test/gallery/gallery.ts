/**
 * Draws the messages: `npm run gallery -- [directory [name …]]` renders the notifications of `notifications.ts` as HTML,
 * and as PNG if `CHROMIUM` names a browser. The author of a change sees each message as its readers will.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { renderSlack } from '../../src/sink/slack-message/message.ts';
import { css } from '../../src/status/page/assets.ts';
import { html } from '../../src/status/page/html.ts';
import { slackMessage } from '../../src/status/page/slack.ts';
import { type Picture, pictures } from './notifications.ts';

const perPage = 6;
const size = process.env['SIZE'] ?? '1440,1560';
const options = {
  links: [
    { label: 'Trace', url: 'https://jaeger.example/trace/{trace_id}' },
    { label: 'Task', url: 'https://flower.example/task/{task_id}' },
    { label: 'Sentry issue', url: 'https://sentry.example/issues/?query={fingerprint}' },
    { label: 'Incident', url: 'https://taskvigil.example/incident/{incident}' },
  ],
  buttonKey: 'gallery',
  permalink: 'https://shop.slack.com/archives/C0ALERTS01/p1000001',
};

function drawn({ name, notification, thread }: Picture) {
  const message = (one: typeof notification) => renderSlack(one, options);
  return html`<h2>${name}</h2><p class="about">${message(notification).text}</p>${slackMessage(
    {
      incident: notification.id,
      channel: notification.channel,
      postedAt: notification.at,
      edits: notification.action === 'edit' ? 1 : 0,
      notification,
      message: message(notification),
      replies: thread.map((one) => ({ at: one.at, message: message(one) })),
    },
    (at) => html`${new Date(at).toISOString().slice(11, 16)}`,
  )}`;
}

function pageOf(shown: readonly Picture[]): string {
  const body = html`<main>${shown.map((picture) => html`<section>${drawn(picture)}</section>`)}</main>`;
  return `<!doctype html><meta charset="utf-8"><title>taskvigil: messages</title><style>${css} main { max-width: 1420px; columns: 2 } section { break-inside: avoid; margin: 0 0 20px }</style>${body}`;
}

const [given, ...names] = process.argv.slice(2);
const wanted = names.length === 0 ? pictures : pictures.filter(({ name }) => names.includes(name));
const directory = given ?? mkdtempSync(join(tmpdir(), 'taskvigil-gallery-'));
mkdirSync(directory, { recursive: true });
writeFileSync(join(directory, 'gallery.html'), pageOf(wanted));
const browser = process.env['CHROMIUM'];
for (let from = 0; browser !== undefined && from < wanted.length; from += perPage) {
  const page = join(directory, `gallery-${from / perPage + 1}`);
  writeFileSync(`${page}.html`, pageOf(wanted.slice(from, from + perPage)));
  const profile = mkdtempSync(join(tmpdir(), 'taskvigil-browser-'));
  const flags = ['no-sandbox', 'disable-gpu', 'disable-quic', 'no-first-run', 'disable-background-networking'];
  const more = ['disable-component-update', 'disable-sync', 'hide-scrollbars', `window-size=${size}`];
  const shot = [`user-data-dir=${profile}`, `screenshot=${page}.png`];
  spawnSync(browser, [...['headless', ...flags, ...more, ...shot].map((flag) => `--${flag}`), `file://${page}.html`], {
    stdio: 'ignore',
    timeout: 60_000,
  });
  rmSync(profile, { recursive: true, force: true });
}
process.stdout.write(`${directory}/gallery.html\n`);
