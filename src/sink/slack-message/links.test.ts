import assert from 'node:assert/strict';
import { test } from 'node:test';
import { incidentOf, notificationOf, subjectOf } from '../../../test/fakes/incident.ts';
import { entitiesOf } from '../../../test/fakes/slack-content.ts';
import { renderSlack } from './message.ts';

const links = [
  { label: 'Trace', url: 'https://jaeger.example/trace/{trace_id}' },
  { label: 'Sentry', url: 'https://sentry.example/issues/?query={fingerprint}' },
];

const foreignLinks = [
  { name: 'a host from the task', url: 'https://{task_id}/', taskId: 'evil.example' },
  { name: 'a user part that moves the host', url: 'https://jaeger.example{task_id}', taskId: '@evil.example' },
  { name: 'a longer host name', url: 'https://jaeger.example{task_id}', taskId: '.evil.example' },
  { name: 'a scheme that runs', url: 'javascript:{task_id}', taskId: 'alert(1)' },
  { name: 'no URL at all', url: '{task_id}', taskId: 'https://evil.example' },
];
for (const { name, url, taskId } of foreignLinks) {
  test(`a link to ${name} is dropped`, () => {
    const subject = subjectOf({ example: { taskId, traceId: '' } });
    const message = renderSlack(notificationOf(incidentOf({ subject })), { links: [{ label: 'Go', url }] });
    assert.deepEqual(entitiesOf(message).links, []);
  });
}

test('a link without its value is dropped', () => {
  const subject = subjectOf({ example: undefined });
  const page = { label: 'Incident', url: 'https://page.example/{incident}' };
  const message = renderSlack(notificationOf(incidentOf({ subject })), { links: [...links, page] });
  assert.deepEqual(entitiesOf(message).links, [
    'https://sentry.example/issues/?query=f00dfeedcafe',
    'https://page.example/7d3f9a1c2b',
  ]);
});

test('values in a link are escaped', () => {
  const subject = subjectOf({ example: { taskId: '../a b?c=<d>&e', traceId: '' } });
  const template = { label: 'Go', url: 'https://x.example/t/{task_id}' };
  const message = renderSlack(notificationOf(incidentOf({ subject })), { links: [template] });
  assert.deepEqual(entitiesOf(message).links, ['https://x.example/t/..%2Fa%20b%3Fc%3D%3Cd%3E%26e']);
});

test('a link has at most 1,000 characters', () => {
  const subject = subjectOf({ example: undefined });
  const linksFor = (length: number) => {
    const url = `https://x.example/${'a'.repeat(length - 'https://x.example/'.length)}`;
    const message = renderSlack(notificationOf(incidentOf({ subject })), { links: [{ label: 'Go', url }] });
    return entitiesOf(message).links.length;
  };
  assert.deepEqual([linksFor(1_000), linksFor(1_001)], [1, 0]);
});

test('an unknown placeholder stays as it is', () => {
  const template = { label: 'Go', url: 'https://x.example/{incident}?q={unknown}' };
  const message = renderSlack(notificationOf(), { links: [template] });
  assert.deepEqual(entitiesOf(message).links, ['https://x.example/7d3f9a1c2b?q={unknown}']);
});
