/**
 * The noise policy: what signals, commands and time make of the book of incidents, and whether anybody is told. Pure: the same
 * book, input and time give the same answer in production, in replay and in tests; and whatever several instances see of one
 * trouble at once, the first to write opens it and the others find it open.
 *
 * Contract: an incident whose opening was posted always gets its final state shown.
 */
import type { Millis } from '../../event/ids.ts';
import type { Decision, NotifyReason, SuppressReason } from '../decision.ts';
import { matchesSome } from '../glob.ts';
import type { Book, Bulletin, Incident, MessageRef, ThreadLine } from '../incident.ts';
import { matches } from '../matcher.ts';
import { digestAfter } from '../mute-hours.ts';
import type { Policy, Severity } from '../policy.ts';
import type { DeployMark, Signal, SignalKey } from '../signal.ts';
import type { SignalFindings } from '../signals/detector.ts';
import { withBulletin, withDigestCount, withDigestLine } from './bulletin.ts';
import { takeBudgetToken } from './channel-budget.ts';
import { type Relation, relate } from './correlate.ts';
import { aboutOf, aboutSignal, lineOf, minutes } from './decision-text.ts';
import { heldKeyOf, incidentIdOf, isNews, withLine, withRev, withSignal } from './incident-change.ts';
import { reminderAt, remindersDue } from './reminders.ts';
import { hiddenBy, ownerOf } from './suppression.ts';

/** What somebody has seen to be in the channel. */
export interface DeliveredRevision {
  readonly id: string;
  readonly rev: number;
  readonly root: MessageRef | undefined;
}

export interface DecideInput {
  readonly now: Millis;
  readonly seen: SignalFindings;
  readonly shown: readonly DeliveredRevision[];
  /** Whether silence means anything: we hear, and have for a while. */
  readonly canJudgeAbsence: boolean;
}

export interface Step {
  /** The same object when nothing changed. */
  readonly book: Book;
  readonly decisions: readonly Decision[];
  /** What went wrong in our own code; each costs what it was about, and nothing beside it. */
  readonly bugs: readonly unknown[];
}

const minute = 60_000;
const hour = 60 * minute;
/** More would be a flood that nobody reads one by one. */
export const incidentsMax = 2_000;
const keysMax = 50;
const deploysMax = 100;
/** A rollout is seen when its first worker comes up. */
const sameDeployMs = 15 * minute;
/**
 * Counts and times in the book may lag so far behind. All are written in one step, so that thousands of incidents cost two
 * writes of the book a minute and not one a second.
 */
const countEveryMs = 30_000;
/** A pending incident that nobody sees any more; another instance had time to say otherwise. */
const absorbedAfterMs = 10_000;
/** Without knowledge that it is over, silence must last this long. */
const silenceLeastMs = 10 * minute;
const clearMostMs = 2 * hour;
const resolvedGraceMs = 5 * minute;
/** A child of an incident that is over opens by itself after so long. */
const outlivesMs = 5 * minute;
/** An incident that could not be shown for so long after its end is given up and counted as undeliverable. */
const undeliveredKeepMs = 24 * hour;
/** So long what begins anew could bear the name of what is over: the longest window that a beginning is looked for in, and some. */
const namedMs = 40 * minute;
const growthTold = 10;
/** Evidence is dated by an instance's own clock, the book by the store's. */
const clocksDifferMs = 2_000;
const severities: readonly Severity[] = ['normal', 'high', 'critical'];

export function decide(book: Book, policy: Policy, input: DecideInput): Step {
  const draft = new Draft(book, policy, input);
  for (const shown of input.shown) draft.takeShown(shown);
  for (const deploy of input.seen.deploys) draft.takeDeploy(deploy);
  for (const held of input.seen.held)
    draft.tell({ ...held, incident: undefined }, { notify: false, reason: held.reason, by: undefined }, held.failures);
  for (const signal of bySeverity(input.seen.signals)) draft.guard(() => draft.takeSignal(signal));
  for (const { id } of draft.incidents()) draft.guard(() => draft.passTime(id));
  draft.guard(() => draft.passDigest());
  return draft.done();
}

/** What is worst is looked at first, so that the lesser join it. */
function bySeverity(signals: readonly Signal[]): Signal[] {
  return signals.toSorted((a, b) => severities.indexOf(b.severity) - severities.indexOf(a.severity));
}

/** The book while one step is being worked out. Everything it changes goes through `put`. */
class Draft {
  #book: Book;
  readonly #incidents: Map<string, Incident>;
  readonly #policy: Policy;
  readonly #input: DecideInput;
  readonly #now: Millis;
  readonly #decisions: Decision[] = [];
  readonly #bugs: unknown[] = [];
  /** The incident of each key that goes on; of those that are over the newest. */
  readonly #idByKey = new Map<SignalKey, string>();
  readonly #seenKeys: ReadonlySet<SignalKey>;
  readonly #clearedKeys: ReadonlySet<SignalKey>;
  #isChanged = false;

  constructor(book: Book, policy: Policy, input: DecideInput) {
    this.#book = book;
    this.#incidents = new Map(book.incidents.map((incident) => [incident.id, incident]));
    this.#policy = policy;
    this.#input = input;
    this.#now = input.now;
    for (const incident of book.incidents) this.#index(incident);
    this.#seenKeys = new Set(input.seen.signals.map(({ key }) => key));
    this.#clearedKeys = new Set(input.seen.cleared);
  }

  guard(run: () => void): void {
    try {
      run();
    } catch (error) {
      this.#bugs.push(error);
    }
  }

  incidents(): readonly Incident[] {
    return [...this.#incidents.values()];
  }

  done(): Step {
    const book = this.#isChanged ? { ...this.#book, incidents: this.incidents() } : this.#book;
    return { book, decisions: this.#decisions, bugs: this.#bugs };
  }

  takeShown({ id, rev, root }: DeliveredRevision): void {
    const incident = this.#incidents.get(id);
    if (incident !== undefined) {
      if (incident.shownRev >= rev && (root === undefined || incident.root?.ts === root.ts)) return;
      this.#put({ ...incident, shownRev: Math.max(incident.shownRev, rev), root: root ?? incident.root });
      return;
    }
    const bulletins = this.#book.bulletins.map(
      (bulletin): Bulletin =>
        bulletin.id === id && (bulletin.shownRev < rev || bulletin.root === undefined)
          ? { ...bulletin, shownRev: Math.max(bulletin.shownRev, rev), root: bulletin.root ?? root }
          : bulletin,
    );
    if (bulletins.some((bulletin, index) => bulletin !== this.#book.bulletins[index])) this.#change({ bulletins });
  }

  /** Told by somebody, or seen by another instance, a rollout is known already. */
  takeDeploy(deploy: DeployMark): void {
    const isKnown = this.#book.deploys.some(({ at, pools }) => {
      const isSamePool = pools.length === 0 || deploy.pools.some((pool) => matchesSome(pools, pool));
      return isSamePool && Math.abs(at - deploy.at) < sameDeployMs;
    });
    if (!isKnown) this.#change({ deploys: [...this.#book.deploys, deploy].slice(-deploysMax) });
  }

  /** Once a day, what nobody was told. */
  passDigest(): void {
    const { digest } = this.#book;
    if (digest.since === 0) {
      this.#change({ digest: { ...digest, since: this.#now } });
      return;
    }
    if (this.#now < digestAfter(this.#policy.digest, this.#policy.timezone, digest.since)) return;
    const counts = Object.entries(digest.counts).map(([reason, count]) => `held back, ${reason}: ${count}`);
    const lines = [...digest.lines, ...counts];
    this.#change({ digest: { since: this.#now, lines: [], counts: {} } });
    if (lines.length === 0 && this.#policy.digest.skipEmpty) return;
    const channel = this.#policy.owners.at(-1)?.channel ?? '';
    const told = lines.length === 0 ? ['nothing was held back'] : lines;
    for (const line of told) this.#change(withBulletin(this.#book, 'digest', channel, this.#now, line).change);
    const about = {
      signal: undefined,
      key: undefined,
      incident: undefined,
      task: undefined,
      exception: undefined,
      figures: undefined,
    };
    this.tell(about, { notify: true, reason: 'digest', action: 'post' }, 0);
  }

  /** Whatever comes of a signal, the failures that it speaks of are accounted for by one decision. */
  takeSignal(signal: Signal): void {
    const before = this.#decisions.length;
    const same = this.#incidents.get(this.#idByKey.get(signal.key) ?? '');
    const relation: Relation =
      same === undefined
        ? relate(signal, this.incidents(), this.#policy.inhibit, this.#now)
        : { is: 'same', incident: same };
    this.#take(signal, relation);
    if (signal.failures === 0) return;
    const made = this.#decisions[before];
    if (made !== undefined) this.#decisions[before] = { ...made, failures: signal.failures };
    else this.#account(signal, relation);
  }

  /** Nothing new is said of it: why not? */
  #account(signal: Signal, relation: Relation): void {
    const incident = relation.is === 'alone' ? undefined : this.#incidents.get(relation.incident.id);
    const about = aboutSignal(signal, incident?.id);
    const verdict = (reason: SuppressReason, by?: string): Decision['verdict'] => ({ notify: false, reason, by });
    if (incident === undefined) this.tell(about, verdict('below-threshold'), signal.failures);
    else if (incident.phase.name === 'pending') this.tell(about, verdict('collecting'), signal.failures);
    else if (incident.hidden !== undefined)
      this.tell(about, verdict(incident.hidden.reason, incident.hidden.by), signal.failures);
    else if (incident.phase.name === 'resolved' && incident.phase.by !== undefined)
      this.tell(about, verdict('resolved-by-human', incident.phase.by), signal.failures);
    else if (incident.phase.name === 'resolved') this.tell(about, verdict('below-threshold'), signal.failures);
    else this.tell(about, verdict('already-told'), signal.failures);
  }

  #take(signal: Signal, relation: Relation): void {
    switch (relation.is) {
      case 'same':
        this.#goOn(relation.incident, signal);
        return;
      case 'joins':
        if (signal.state === 'holds') this.#join(relation.incident, signal);
        return;
      case 'inhibited':
        if (signal.state === 'holds') this.#begin(signal, relation.incident);
        return;
      case 'alone':
        if (signal.state === 'holds') this.#begin(signal, undefined);
        return;
      default:
        relation satisfies never;
    }
  }

  passTime(id: string): void {
    const incident = this.#incidents.get(id);
    if (incident === undefined) return;
    switch (incident.phase.name) {
      case 'pending':
        if (this.#now >= incident.phase.until) this.#endWait(incident, incident.phase.until);
        return;
      case 'open':
        if (this.#isOver(incident)) this.#resolve(incident);
        else this.#stayOpen(incident);
        return;
      case 'resolved':
        this.#close(incident, incident.phase.at);
        return;
      default:
        incident.phase satisfies never;
    }
  }

  tell(
    about: {
      readonly signal: Decision['signal'];
      readonly key: Decision['key'];
      readonly incident: string | undefined;
    } & Pick<Decision, 'task' | 'exception' | 'figures'>,
    verdict: Decision['verdict'],
    failures = 0,
  ): void {
    const { signal, key, incident, task, exception, figures } = about;
    this.#decisions.push({ at: this.#now, signal, key, incident, task, exception, figures, failures, verdict });
  }

  /** `last`: what it was about before, long over; the new one has a name and a message of its own. */
  #begin(signal: Signal, source: Incident | undefined, last?: Incident): void {
    if (this.#incidents.size >= incidentsMax) {
      this.#suppress(signal, undefined, 'budget', 'incidents-max');
      return;
    }
    const owner = ownerOf(this.#policy, signal);
    const key = heldKeyOf(signal);
    const regressionOf =
      signal.name === 'failures.regressed'
        ? this.#book.marks.findLast(
            ({ match, state }) => state === 'resolved' && matches(match, signal.subject, signal.name),
          )?.incident
        : undefined;
    const incident: Incident = {
      id: incidentIdOf(signal, regressionOf ?? last?.id ?? ''),
      phase: { name: 'pending', until: this.#now + signal.waitMs },
      severity: signal.severity,
      keys: [key],
      subject: signal.subject,
      trend: signal.trend,
      causeText: signal.causeText,
      deploy: signal.deploy,
      firstAt: signal.firstAt,
      lastAt: signal.lastAt,
      openedAt: undefined,
      count: signal.total ?? 0,
      toldCount: signal.total ?? 0,
      countedAt: this.#now,
      reopens: 0,
      ack: undefined,
      snoozedUntil: undefined,
      hidden: source === undefined ? undefined : { reason: 'inhibited', by: source.id, since: this.#now },
      regressionOf,
      channel: owner?.channel ?? '',
      mentions: owner?.mentions[signal.severity] ?? [],
      also: owner?.also ?? [],
      lines: [],
      reminders: 0,
      remindersDue: 0,
      rev: 0,
      shownRev: 0,
      root: undefined,
    };
    if (this.#incidents.has(incident.id)) return;
    this.#put(incident);
    if (signal.waitMs > 0) this.#suppress(signal, incident, 'collecting', undefined);
    else this.#open(incident, this.#now);
  }

  /** The same condition as before. */
  #goOn(incident: Incident, signal: Signal): void {
    if (incident.phase.name === 'resolved') {
      if (signal.state === 'holds' && signal.lastAt > incident.phase.at)
        this.#comeBack(incident, signal, incident.phase);
      return;
    }
    const grown = withSignal(incident, signal);
    const isWorse = severities.indexOf(signal.severity) > severities.indexOf(incident.severity);
    // All keys of an incident are written down together.
    const isDue = countTurnOf(this.#now) !== countTurnOf(incident.countedAt) || incident.countedAt === this.#now;
    if (!isWorse && !isDue) return;
    const counted = { ...grown, countedAt: this.#now, severity: isWorse ? signal.severity : incident.severity };
    const isVisible = incident.phase.name === 'open' && incident.hidden === undefined;
    if (!isVisible) {
      this.#put(counted);
      return;
    }
    const isMany = counted.count >= growthTold * Math.max(1, incident.toldCount);
    let next = isMany ? { ...counted, toldCount: counted.count } : counted;
    if (isMany) next = withLine(next, this.#line('grew', `${counted.count} so far`));
    if (isWorse) next = withLine(next, this.#line('worse', `now ${signal.severity}`));
    this.#put(isMany || isWorse || isNews(incident, counted) ? withRev(next) : next);
    if (isMany) this.#notify(counted, 'grew', 'line');
    if (isWorse) this.#notify(counted, 'worse', 'line');
  }

  #comeBack(
    incident: Incident,
    signal: Signal,
    { at, by }: { readonly at: Millis; readonly by: string | undefined },
  ): void {
    if (signal.name === 'failures.regressed') {
      this.#begin(signal, undefined);
      return;
    }
    if (by !== undefined && this.#now - at < resolvedGraceMs) {
      this.#suppress(signal, incident, 'resolved-by-human', by);
      return;
    }
    if (isShown(incident) && this.#now - at >= this.#policy.resolve.reopenQuietlyWithinMs) {
      this.#begin(signal, undefined, incident);
      return;
    }
    const reopened: Incident = {
      ...withSignal(incident, signal),
      phase: { name: 'open' },
      reopens: incident.reopens + 1,
      ack: undefined,
      countedAt: this.#now,
      openedAt: this.#now,
      remindersDue: 0,
    };
    if (incident.rev === 0) {
      // It was never told: it is news as much as it was then.
      this.#open(
        { ...reopened, hidden: incident.hidden?.reason === 'inhibited' ? incident.hidden : undefined },
        this.#now,
      );
      return;
    }
    const words = reopened.reopens === 1 ? 'again' : `again, for the ${reopened.reopens + 1}. time`;
    this.#put(withRev(withLine(reopened, this.#line('reopened', words))));
    this.#notify(reopened, 'reopened', 'edit');
  }

  #join(incident: Incident, signal: Signal): void {
    if (incident.keys.length >= keysMax) {
      this.#suppress(signal, incident, 'already-told', undefined);
      return;
    }
    const joined = withSignal({ ...incident, keys: [...incident.keys, heldKeyOf(signal)] }, signal);
    const isWorse = severities.indexOf(signal.severity) > severities.indexOf(incident.severity);
    const next = { ...joined, severity: isWorse ? signal.severity : incident.severity, countedAt: this.#now };
    if (incident.phase.name !== 'open') {
      this.#put(next);
      this.#suppress(signal, incident, 'collecting', undefined);
      return;
    }
    if (incident.rev === 0) {
      // Nobody was told of it, so nobody is told what joins it.
      this.#put(next);
      this.#suppress(signal, incident, incident.hidden?.reason ?? 'already-told', incident.hidden?.by);
      return;
    }
    const fresh = signal.subject.tasks.filter((task) => !incident.subject.tasks.includes(task));
    const words = [signal.subject.title, ...(fresh.length === 0 ? [] : [`in ${fresh.join(', ')}`])].join(' ');
    this.#put(withRev(withLine(next, this.#line('joined', words))));
    this.#notify(next, 'joined', 'line', signal);
  }

  #endWait(incident: Incident, until: Millis): void {
    const isSeen = incident.keys.some(({ key }) => this.#seenKeys.has(key));
    if (isSeen) this.#open(incident, this.#now);
    else if (this.#now - until >= absorbedAfterMs) {
      this.#incidents.delete(incident.id);
      this.#change(withDigestLine(this.#book, this.#now, `absorbed: ${incident.subject.title}`));
      this.tell(aboutOf(incident), { notify: false, reason: 'absorbed', by: undefined });
    }
  }

  /** The moment of truth: is it shown, and if not, why? */
  #open(incident: Incident, at: Millis): void {
    const open: Incident = { ...incident, phase: { name: 'open' }, openedAt: at };
    const hidden = incident.hidden ?? hiddenBy(open, this.#policy, this.#book.silences, this.#now);
    if (hidden === undefined) {
      this.#show(open, 'opened');
      return;
    }
    this.#put({ ...open, hidden });
    this.#change(withDigestCount(this.#book, hidden.reason));
    this.tell(aboutOf(open), { notify: false, reason: hidden.reason, by: hidden.by });
  }

  #show(incident: Incident, reason: NotifyReason): void {
    const { budgets, isGranted } = takeBudgetToken(this.#book.budgets, this.#policy, incident.channel, this.#now);
    if (isGranted || incident.severity === 'critical') {
      this.#change({ budgets });
      // Reminders are counted from when it was told, which may be long after it began to be hidden.
      this.#put(withRev({ ...incident, hidden: undefined, openedAt: this.#now }));
      this.#notify(incident, reason, 'post');
      return;
    }
    const storm = withBulletin(this.#book, 'storm', incident.channel, this.#now, lineOf(incident));
    const isFirst = !this.#book.bulletins.some(({ id }) => id === storm.id);
    this.#change(storm.change);
    if (isFirst) this.#notify(incident, 'storm', 'post');
    this.#put({ ...incident, hidden: { reason: 'budget', by: storm.id, since: this.#now } });
    this.tell(aboutOf(incident), { notify: false, reason: 'budget', by: storm.id });
  }

  #stayOpen(incident: Incident): void {
    if (incident.hidden !== undefined) {
      this.#mayShow(incident, incident.hidden);
      return;
    }
    if (incident.snoozedUntil !== undefined && incident.snoozedUntil <= this.#now) {
      this.#put(withRev(withLine({ ...incident, snoozedUntil: undefined }, this.#line('woke', 'still going on'))));
      this.#notify(incident, 'reminder', 'line');
      return;
    }
    if (this.#now < reminderAt(this.#policy, incident, incident.remindersDue)) return;
    const quiet = this.#quietBy(incident);
    // Whoever was away for days reminds once.
    const reminders = incident.reminders + (quiet === undefined ? 1 : 0);
    this.#put({ ...incident, reminders, remindersDue: remindersDue(this.#policy, incident, this.#now) });
    if (quiet !== undefined) this.tell(aboutOf(incident), { notify: false, ...quiet });
    else this.#notify(incident, 'reminder', 'reminder');
  }

  /** Why nobody is reminded of it now. */
  #quietBy(incident: Incident): { readonly reason: SuppressReason; readonly by: string } | undefined {
    if (incident.ack !== undefined) return { reason: 'acked', by: incident.ack.by };
    if (incident.snoozedUntil !== undefined)
      return { reason: 'snoozed', by: new Date(incident.snoozedUntil).toISOString() };
    const hidden = hiddenBy(incident, this.#policy, this.#book.silences, this.#now);
    return hidden && { reason: hidden.reason, by: hidden.by };
  }

  /** What hid it may be over. */
  #mayShow(incident: Incident, hidden: NonNullable<Incident['hidden']>): void {
    if (hidden.reason === 'inhibited') {
      const source = this.#incidents.get(hidden.by);
      const endedAt =
        source === undefined ? hidden.since : source.phase.name === 'resolved' ? source.phase.at : undefined;
      if (endedAt === undefined || this.#now - Math.max(endedAt, hidden.since) < outlivesMs) return;
    } else if (hidden.reason === 'budget') return;
    const still = hiddenBy({ ...incident, hidden: undefined }, this.#policy, this.#book.silences, this.#now);
    if (still !== undefined) {
      if (still.reason !== hidden.reason) this.#put({ ...incident, hidden: still });
      return;
    }
    const hours = this.#policy.mutes.find(({ name }) => hidden.reason === 'muted' && name === hidden.by);
    if (hours === undefined) {
      this.#show({ ...incident, hidden: undefined }, 'shown-after');
      return;
    }
    // What mute hours held back is told together, not one by one at eight in the morning.
    if (hours.atEnd === 'digest') {
      this.#change(withDigestLine(this.#book, this.#now, `${lineOf(incident)}, still open after ${hours.name}`));
      this.#put({ ...incident, hidden: { reason: 'budget', by: 'digest', since: this.#now } });
      this.tell(aboutOf(incident), { notify: false, reason: 'muted', by: hours.name });
      return;
    }
    const bulletin = withBulletin(this.#book, 'summary', incident.channel, this.#now, lineOf(incident));
    this.#change(bulletin.change);
    this.#put({ ...incident, hidden: { reason: 'budget', by: bulletin.id, since: this.#now } });
    this.#notify(incident, 'summary', 'post');
  }

  #isOver({ keys, reopens }: Incident): boolean {
    if (!this.#input.canJudgeAbsence && keys.every(({ signal }) => signal !== 'self.blind')) return false;
    return keys.every(({ key, lastAt, clearMs }) => {
      if (this.#seenKeys.has(key)) return false;
      const isKnown = this.#clearedKeys.has(key);
      const quiet = Math.min(clearMostMs, Math.max(clearMs, isKnown ? 0 : silenceLeastMs) * 2 ** reopens);
      // Another instance may have seen it later than the one that knows it to be over.
      return this.#now - lastAt >= (isKnown ? quiet - clocksDifferMs : quiet);
    });
  }

  #resolve(incident: Incident): void {
    const at = this.#now;
    const resolved: Incident = { ...incident, phase: { name: 'resolved', at, by: undefined }, snoozedUntil: undefined };
    if (incident.hidden !== undefined && incident.root === undefined) {
      this.#put(resolved);
      this.tell(aboutOf(resolved), { notify: false, reason: incident.hidden.reason, by: incident.hidden.by });
      this.#change(
        withDigestLine(
          this.#book,
          at,
          `${lineOf(incident)}, over after ${minutes(at - incident.firstAt)} (${incident.hidden.reason})`,
        ),
      );
      return;
    }
    const { show } = this.#policy.resolve;
    const line = this.#line('resolved', `after ${minutes(incident.lastAt - incident.firstAt)}`);
    const told = show === 'edit' ? resolved : withLine(resolved, show === 'channel' ? { ...line, isLoud: true } : line);
    this.#put(withRev(told));
    this.#notify(resolved, 'resolved', 'edit');
  }

  #close(incident: Incident, resolvedAt: Millis): void {
    const keepMs = isShown(incident)
      ? Math.max(namedMs, this.#policy.resolve.reopenQuietlyWithinMs)
      : undeliveredKeepMs;
    if (this.#now - resolvedAt < keepMs) return;
    this.#incidents.delete(incident.id);
    this.#isChanged = true;
    if (!isShown(incident)) this.tell(aboutOf(incident), { notify: false, reason: 'undeliverable', by: undefined }, 0);
  }

  #suppress(signal: Signal, incident: Incident | undefined, reason: SuppressReason, by: string | undefined): void {
    this.tell(aboutSignal(signal, incident?.id), { notify: false, reason, by });
  }

  #notify(
    incident: Incident,
    reason: NotifyReason,
    action: 'post' | 'edit' | 'line' | 'reminder',
    signal?: Signal,
  ): void {
    const about = signal === undefined ? aboutOf(incident) : aboutSignal(signal, incident.id);
    this.tell(about, { notify: true, reason, action });
  }

  #line(what: ThreadLine['what'], text: string): ThreadLine {
    return { at: this.#now, what, text };
  }

  #put(incident: Incident): void {
    this.#incidents.set(incident.id, incident);
    this.#index(incident);
    this.#isChanged = true;
  }

  #index({ id, keys, phase, firstAt }: Incident): void {
    for (const { key } of keys) {
      const known = this.#incidents.get(this.#idByKey.get(key) ?? '');
      const isOlder = known !== undefined && known.id !== id && known.firstAt > firstAt;
      const isOver = phase.name === 'resolved' && known !== undefined && known.phase.name !== 'resolved';
      const goesOn = phase.name !== 'resolved' && known?.phase.name === 'resolved';
      if (known === undefined || goesOn || !(isOlder || isOver)) this.#idByKey.set(key, id);
    }
  }

  #change(change: Partial<Book>): void {
    this.#book = { ...this.#book, ...change };
    this.#isChanged = true;
  }
}

/** Nothing of it is owed to the channel. */
function isShown({ rev, shownRev, hidden, root }: Incident): boolean {
  return rev === 0 || shownRev >= rev || (hidden !== undefined && root === undefined);
}

function countTurnOf(at: Millis): number {
  return Math.floor(at / countEveryMs);
}
