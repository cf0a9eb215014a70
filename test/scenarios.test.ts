/** Plays every scenario of test/scenarios: the noise policy in words that an operator reads and writes (see its README.md). */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import test from 'node:test';
import type { Decision } from '../src/alert/decision.ts';
import { parseScript, type Script, type Step } from './scenarios/script.ts';
import { createStage, type Stage, type Told } from './scenarios/stage.ts';

const folder = new URL('./scenarios/', import.meta.url);

for (const file of readdirSync(folder).filter((name) => name.endsWith('.txt'))) {
  test(`scenario ${file}`, async () => {
    await play(parseScript(readFileSync(new URL(file, folder), 'utf8'), file));
  });
}

/** What follows until the next step belongs to a step; behind the last one a minute. */
async function play(script: Script): Promise<void> {
  const stage = await createStage(script);
  const moments = script.steps.flatMap((step) => step.times.map((at) => ({ at, step }))).sort((a, b) => a.at - b.at);
  const seen: string[] = [];
  let next = 0;
  for (const [index, step] of script.steps.entries()) {
    const endAt = script.steps[index + 1]?.times[0] ?? (moments.at(-1)?.at ?? 0) + 60_000;
    const isLast = index === script.steps.length - 1;
    for (; next < moments.length && (moments[next]!.at < endAt || (isLast && moments[next]!.at <= endAt)); next += 1) {
      const { at, step: due } = moments[next]!;
      // Of two steps at one time the second waits for its turn.
      if (due !== step && script.steps.indexOf(due) > index) break;
      await stage.passUntil(at);
      await stage.play(due.action);
    }
    await stage.passUntil(endAt);
    const decisions = stage.takeDecisions();
    expectTold(step, decisions, seen);
    for (const { place, words } of step.looks) expectShown(stage, words, place);
  }
}

function expectTold({ place, told, held }: Step, decisions: readonly Decision[], seen: string[]): void {
  const got = decisions.filter(({ verdict }) => verdict.notify);
  const words = got.map(({ verdict, signal }, index) =>
    told[index]?.includes(' ') === true ? `${verdict.reason} ${signal}` : verdict.reason,
  );
  const reasons = new Set(decisions.filter(({ verdict }) => !verdict.notify).map(({ verdict }) => verdict.reason));
  seen.push(`${place}: ${words.join(', ') || 'nothing'} (${[...reasons].join(', ')})`);
  assert.deepEqual(
    words,
    told,
    `${place}: told ${got.map(({ verdict, signal }) => `${verdict.reason} ${signal}`).join(', ') || 'nothing'}; held back: ${[...reasons].join(', ') || 'nothing'}`,
  );
  for (const reason of held)
    assert.ok(
      reasons.has(reason as never),
      `${place}: held back for ${[...reasons].join(', ') || 'nothing'}, not for ${reason}`,
    );
}

function expectShown({ told }: Stage, words: string, place: string): void {
  const of = (...actions: string[]): Told[] => told.filter(({ notification }) => actions.includes(notification.action));
  const root = of('post', 'edit').findLast(({ notification }) => notification.about.kind === 'incident');
  const bulletin = of('post', 'edit').findLast(({ notification }) => notification.about.kind === 'bulletin');
  const count = /^(posts|reminders|links) (\d+)$/.exec(words);
  const there = /^(thread|root|bulletin) (says|never says) "(.*)"$/.exec(words);
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
    assert.equal(isThere, does === 'says', `${place}: ${words}, but it says:\n${texts.join('\n')}`);
  } else {
    assert.fail(
      `${place}: expected posts N, reminders N, links N, channel #c has N posts, or root|thread|bulletin says "…"`,
    );
  }
}
