import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bulletinNotificationOf, bulletinOf, incidentOf, notificationOf } from '../../test/fakes/incident.ts';
import { BoardMessages } from './board-messages.ts';

const post = notificationOf();
const edit = notificationOf(incidentOf({ count: 9 }), { action: 'edit' });
const line = notificationOf(incidentOf(), { action: 'line', line: { at: 0, what: 'grew', text: '70 failures' } });

test('an edit replaces the message and keeps the time of its post', () => {
  const messages = new BoardMessages();
  messages.add(post, 'first', 1_000);
  messages.add(edit, 'second', 2_000);
  messages.add(edit, 'third', 3_000);
  assert.deepEqual(messages.all(), [
    {
      incident: '7d3f9a1c2b',
      channel: '#alerts',
      postedAt: 1_000,
      edits: 2,
      notification: edit,
      message: 'third',
      replies: [],
    },
  ]);
});

test('lines and reminders are replies, and leave the message as it is', () => {
  const messages = new BoardMessages();
  messages.add(post, 'root', 1_000);
  messages.add(line, 'line', 2_000);
  messages.add(notificationOf(incidentOf(), { action: 'reminder' }), 'reminder', 3_000);
  const [message] = messages.all();
  assert.deepEqual([message?.message, message?.edits], ['root', 0]);
  assert.deepEqual(message?.replies, [
    { at: 2_000, message: 'line' },
    { at: 3_000, message: 'reminder' },
  ]);
});

test('an edit keeps the replies', () => {
  const messages = new BoardMessages();
  messages.add(post, 'root', 1_000);
  messages.add(line, 'line', 2_000);
  messages.add(edit, 'edited', 3_000);
  assert.equal(messages.all()[0]?.replies.length, 1);
});

test('after a restart a reply without its root message is shown as the message', () => {
  const messages = new BoardMessages();
  messages.add(line, 'line', 2_000);
  const [message] = messages.all();
  assert.deepEqual([message?.message, message?.postedAt, message?.replies.length], ['line', 2_000, 1]);
});

test('a message shows its latest twenty replies', () => {
  const messages = new BoardMessages();
  messages.add(post, 'root', 0);
  for (let at = 1; at <= 21; at += 1) messages.add(line, at, at);
  const replies = messages.all()[0]!.replies;
  assert.deepEqual([replies.length, replies[0]?.message, replies.at(-1)?.message], [20, 2, 21]);
});

test('a link is not listed', () => {
  const messages = new BoardMessages();
  messages.add(notificationOf(incidentOf(), { action: 'link' }), 'link', 0);
  assert.deepEqual(messages.all(), []);
});

test('the newest of fifty messages is first', () => {
  const messages = new BoardMessages();
  for (let index = 0; index < 51; index += 1)
    messages.add(bulletinNotificationOf(bulletinOf({ id: `b${index}` })), index, index);
  const ids = messages.all().map(({ incident }) => incident);
  assert.deepEqual([ids.length, ids[0], ids.at(-1)], [50, 'b50', 'b1']);
});
