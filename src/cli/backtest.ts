/**
 * taskvigil backtest: plays recordings with one policy or two. Lists the messages of each, the messages that only one of them
 * posts with the reason of the other, and thresholds that the history suggests.
 */
import type { Policy } from '../alert/policy.ts';
import { durationText } from '../config/values/duration.ts';
import type { FailurePolicy } from '../failure/grouping-policy.ts';
import type { LifecycleOptions } from '../lifecycle/lifecycle-options.ts';
import type { RedactOptions } from '../redact/options.ts';
import type { Report } from '../report.ts';
import { celeryFormat } from '../source/celery/format.ts';
import { type Progress, readRecordings } from '../source/recording.ts';
import { type Difference, onlyIn, peakText } from './playback/compare.ts';
import { createHistory, type History } from './playback/history.ts';
import { createPlayer, type PlayCounts } from './playback/play.ts';
import { type Near, nearOnes, type Suggestion, suggest } from './playback/suggest.ts';

export interface BacktestOptions {
  readonly files: readonly string[];
  readonly policy: NamedPolicy;
  readonly against: NamedPolicy | undefined;
  /** Redaction, limits and grouping are those of the first configuration. */
  readonly redact: RedactOptions;
  readonly lifecycle: LifecycleOptions;
  readonly failures?: FailurePolicy;
  /** Messages per task and week, for the suggestions. */
  readonly perWeek: number;
  readonly onNotice?: Report;
  readonly onProgress?: Progress;
}

export interface NamedPolicy {
  readonly name: string;
  readonly policy: Policy;
}

export interface Total {
  readonly name: string;
  readonly messages: number;
  readonly incidents: number;
  readonly messagesPerDay: number;
  /** Failures suppressed because the policy was still learning, and the length of that period. */
  readonly learningFailures: number;
  readonly learningMs: number;
}

export interface Backtest {
  readonly from: number;
  readonly to: number;
  readonly failures: number;
  /** Tasks without an end in the recordings. */
  readonly openAtEnd: number;
  readonly bugs: number;
  readonly rejected: Readonly<Record<string, number>>;
  readonly totals: readonly Total[];
  /** Messages of the first policy. `lost` and `gained`: those of the first alone and of the second alone. */
  readonly told: readonly Difference[];
  readonly lost: readonly Difference[];
  readonly gained: readonly Difference[];
  readonly suggestions: readonly Suggestion[];
  readonly near: readonly Near[];
}

const dayMs = 86_400_000;

/** Throws RecordingError for a line that cannot be read, and errors of the file system. */
export async function backtest(options: BacktestOptions): Promise<Backtest> {
  const { files, policy, against, redact, lifecycle, failures, perWeek, onNotice, onProgress } = options;
  const policies = against === undefined ? [policy] : [policy, against];
  const histories = policies.map(() => createHistory());
  const player = createPlayer({
    decode: celeryFormat.decode,
    tracks: policies.map((one, index) => ({ policy: one.policy, ...(histories[index] as History) })),
    redact,
    lifecycle,
    failures,
    viewers: [],
    isOneFile: files.length === 1,
    onNotice,
  });
  for await (const recorded of readRecordings(files, { format: celeryFormat, onProgress })) await player.take(recorded);
  const to = player.counts().lastAt;
  player.settle();
  const openAtEnd = player.lifecycle().trackedCount();
  await player.runOut();
  const [first, second] = histories as [History, History?];
  const counts = player.counts();
  const lastedMs = to - (counts.firstAt ?? to);
  return {
    from: counts.firstAt ?? to,
    to,
    ...countsOf(counts),
    openAtEnd,
    totals: policies.map((one, index) => totalOf(one, histories[index] as History, lastedMs)),
    told: onlyIn(first, createHistory()),
    lost: second === undefined ? [] : onlyIn(first, second),
    gained: second === undefined ? [] : onlyIn(second, first),
    suggestions: suggest(first, lastedMs, perWeek),
    near: nearOnes(first),
  };
}

function countsOf({ failures, bugs, rejected }: PlayCounts): Pick<Backtest, 'failures' | 'bugs' | 'rejected'> {
  return { failures, bugs, rejected };
}

function totalOf({ name, policy }: NamedPolicy, { messages, learningFailures }: History, lastedMs: number): Total {
  const roots = messages.filter(({ what }) => what === 'root');
  return {
    name,
    messages: messages.length,
    incidents: new Set(roots.map(({ incident }) => incident)).size,
    messagesPerDay: Math.round((10 * messages.length * dayMs) / Math.max(lastedMs, 1)) / 10,
    learningFailures: learningFailures(),
    learningMs: policy.learningMs,
  };
}

/** The result as text. */
export function backtestLines(result: Backtest, perWeek: number): string[] {
  const { from, to, failures, openAtEnd, totals, told, lost, gained, suggestions, near } = result;
  const [first, second] = totals;
  const open = openAtEnd === 0 ? '' : `, ${plural(openAtEnd, 'task')} open at the end of the capture`;
  const head = `${timeOf(from)} to ${timeOf(to)} UTC, ${plural(failures, 'failure')}${open}`;
  const lines = [
    head,
    ...totals.map(
      ({ name, messages, incidents, messagesPerDay }) =>
        `${name}: ${plural(messages, 'message')} about ${plural(incidents, 'incident')}, ${messagesPerDay} a day`,
    ),
  ];
  lines.push(...totals.flatMap((total) => learningLine(total, to - from)));
  if (second === undefined) lines.push('', 'Posted:', ...listOf(told, false));
  else {
    lines.push('', `Posted by ${first?.name} and not by ${second.name}:`, ...listOf(lost, true));
    lines.push('', `Posted by ${second.name} and not by ${first?.name}:`, ...listOf(gained, true));
  }
  lines.push(
    '',
    `Thresholds for at most ${plural(perWeek, 'message')} per task and week:`,
    ...orNone(suggestions.map(suggestionLine)),
  );
  lines.push('', 'Near their threshold, and not posted:', ...orNone(near.map(nearLine)));
  return lines;
}

/** The learning period is often the reason why a short recording gives no message about its failures. */
function learningLine({ name, learningFailures, learningMs }: Total, lastedMs: number): readonly string[] {
  if (learningFailures === 0) return [];
  const learning = `alerts.learning (${durationText(learningMs)})`;
  const reason = lastedMs < learningMs ? ', which is longer than the recording' : '';
  return [
    `${name}: ${plural(learningFailures, 'failure')} suppressed by ${learning}${reason}; "learning: 0s" starts without a baseline`,
  ];
}

function listOf(differences: readonly Difference[], withInstead: boolean): readonly string[] {
  return orNone(
    differences.map(({ at, what, signal, task, exception, title, count, instead }) => {
      const about = [task, exception].filter((part) => part !== undefined).join(' ') || (title ?? 'many incidents');
      const facts = [what === 'root' ? signal : what, count > 0 ? `${count} times` : undefined].filter(
        (part) => part !== undefined,
      );
      return `  ${timeOf(at)}  ${about} (${facts.join(', ')})${withInstead ? `: ${instead}` : ''}`;
    }),
  );
}

function suggestionLine({ task, told, min, kept, peaks }: Suggestion): string {
  return `  - { match: "${task}", new_failure: { min: ${min} }, surge: { min: ${min} } }  # posted ${told} times (${peaks.slice(0, 8).join(', ')} in the window), then ${kept}`;
}

function nearLine({ peak }: Near): string {
  return `  ${timeOf(peak.at)}  ${[peak.task, peak.exception].filter((part) => part !== undefined).join(' ')} (${peak.signal}): ${peakText(peak)}`;
}

function orNone(lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? ['  none'] : lines;
}

function timeOf(at: number): string {
  return new Date(at).toISOString().slice(0, 16).replace('T', ' ');
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
