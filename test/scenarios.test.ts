/** Plays every scenario of test/scenarios: the noise policy in words that an operator reads and writes (see its README.md). */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import test from 'node:test';
import type { Decision } from '../src/alert/decision.ts';
import { parseScript, type Script, type Step } from './scenarios/script.ts';
import { createStage, type Posted, type Stage } from './scenarios/stage.ts';

const folder = new URL('./scenarios/', import.meta.url);

for (const file of readdirSync(folder).filter((name) => name.endsWith('.txt'))) {
  test(`scenario ${file}`, async () => {
    await play(parseScript(readFileSync(new URL(file, folder), 'utf8'), file));
  });
}

/** Decisions until the next step belong to a step; the last step has a minute. */
async function play(script: Script): Promise<void> {
  const stage = await createStage(script);
  const moments = script.steps.flatMap((step) => step.times.map((at) => ({ at, step }))).sort((a, b) => a.at - b.at);
  let next = 0;
  for (const [index, step] of script.steps.entries()) {
    const endAt = script.steps[index + 1]?.times[0] ?? (moments.at(-1)?.at ?? 0) + 60_000;
    const isLast = index === script.steps.length - 1;
    for (; next < moments.length && (moments[next]!.at < endAt || (isLast && moments[next]!.at <= endAt)); next += 1) {
      const { at, step: due } = moments[next]!;
      // Of two steps at one time the second one waits for the first.
      if (due !== step && script.steps.indexOf(due) > index) break;
      await stage.passUntil(at);
      await stage.play(due.action);
    }
    await stage.passUntil(endAt);
    const decisions = stage.takeDecisions();
    expectNotified(step, decisions);
    for (const { place, words } of step.checks) expectShown(stage, words, place);
  }
}

function expectNotified({ place, notified, suppressed }: Step, decisions: readonly Decision[]): void {
  const got = decisions.filter(({ verdict }) => verdict.notify);
  const words = got.map(({ verdict, signal }, index) =>
    notified[index]?.includes(' ') === true ? `${verdict.reason} ${signal}` : verdict.reason,
  );
  const reasons = new Set(decisions.filter(({ verdict }) => !verdict.notify).map(({ verdict }) => verdict.reason));
  assert.deepEqual(
    words,
    notified,
    `${place}: notified ${got.map(({ verdict, signal }) => `${verdict.reason} ${signal}`).join(', ') || 'nothing'}; suppressed: ${[...reasons].join(', ') || 'nothing'}`,
  );
  for (const reason of suppressed)
    assert.ok(
      reasons.has(reason as never),
      `${place}: suppressed for ${[...reasons].join(', ') || 'no reason'}, not for ${reason}`,
    );
}

function expectShown({ posted }: Stage, words: string, place: string): void {
  const of = (...actions: string[]): Posted[] =>
    posted.filter(({ notification }) => actions.includes(notification.action));
  const root = of('post', 'edit').findLast(({ notification }) => notification.about.kind === 'incident');
  const bulletin = of('post', 'edit').findLast(({ notification }) => notification.about.kind === 'bulletin');
  const count = /^(posts|reminders|links) (\d+)$/.exec(words);
  const there = /^(thread|root|bulletin) (contains|lacks) "(.*)"$/.exec(words);
  const channel = /^channel (\S+) has (\d+) posts?$/.exec(words);
  if (count !== null) {
    const action = { posts: 'post', reminders: 'reminder', links: 'link' }[count[1] as 'posts'];
    assert.equal(of(action).length, Number(count[2]), `${place}: ${words}, got ${of(action).length}`);
  } else if (channel !== null) {
    const posts = of('post').filter(({ notification }) => notification.channel === channel[1]);
    assert.equal(posts.length, Number(channel[2]), `${place}: ${words}, got ${posts.length}`);
  } else if (there !== null) {
    const [, where, does, text = ''] = there;
    const texts =
      where === 'thread'
        ? of('line', 'reminder').map((one) => one.text)
        : [(where === 'root' ? root : bulletin)?.text ?? ''];
    const isThere = texts.some((one) => one.includes(text));
    assert.equal(isThere, does === 'contains', `${place}: ${words}, but the text is:\n${texts.join('\n')}`);
  } else {
    assert.fail(
      `${place}: expected posts N, reminders N, links N, channel #c has N posts, or root|thread|bulletin contains|lacks "…"`,
    );
  }
}
