/** Applies a person's command to the book of incidents. Pure. */
import type { Millis } from '../../event/ids.ts';
import type { Book, CauseMark, Incident } from '../incident.ts';
import { matchesEverything } from '../matcher.ts';
import type { Subject } from '../signal.ts';
import type { AlertCommand, AlertCommandResult } from './command.ts';
import { withLine, withRev } from './incident-change.ts';

const silencesMax = 500;
const marksMax = 1_000;
const deploysMax = 100;

export function applyCommand(
  book: Book,
  command: AlertCommand,
  now: Millis,
): { readonly book: Book; readonly answer: AlertCommandResult } {
  switch (command.what) {
    case 'silence': {
      const silences = [...book.silences.filter(({ id }) => id !== command.silence.id), command.silence].slice(
        -silencesMax,
      );
      return done({ ...book, silences });
    }
    case 'unsilence': {
      const silences = book.silences.filter(({ id }) => id !== command.id);
      return silences.length === book.silences.length ? refused(book, 'no-such-silence') : done({ ...book, silences });
    }
    case 'mark': {
      const mark: CauseMark = {
        match: command.match,
        state: command.state,
        at: now,
        by: command.by,
        incident: undefined,
      };
      return done(withMark(book, mark));
    }
    case 'deploy': {
      const isKnown = book.deploys.some(
        ({ version, at }) => version === command.deploy.version && Math.abs(at - command.deploy.at) < 60_000,
      );
      return isKnown
        ? refused(book, 'already-so')
        : done({ ...book, deploys: [...book.deploys, command.deploy].sort((a, b) => a.at - b.at).slice(-deploysMax) });
    }
    default:
      return actOnIncident(book, command, now);
  }
}

type OnIncident = Extract<AlertCommand, { incident: string }>;

function actOnIncident(
  book: Book,
  command: OnIncident,
  now: Millis,
): { readonly book: Book; readonly answer: AlertCommandResult } {
  const incident = book.incidents.find(({ id }) => id === command.incident);
  if (incident === undefined) return refused(book, 'no-such-incident');
  const next = withCommand(incident, command, now);
  if (next === undefined) return refused(book, 'already-so');
  const incidents = book.incidents.map((one) => (one === incident ? next : one));
  const changed = { ...book, incidents };
  if (command.what !== 'resolve' && command.what !== 'archive') return done(changed, incident.id);
  const state = command.what === 'resolve' ? 'resolved' : 'archived';
  const match = causeOf(incident.subject);
  return done(
    match === undefined ? changed : withMark(changed, { match, state, at: now, by: command.by, incident: incident.id }),
    incident.id,
  );
}

/** undefined: the incident already is in the state that the command asks for. */
function withCommand(incident: Incident, command: OnIncident, now: Millis): Incident | undefined {
  const { by } = command;
  const isOver = incident.phase.name === 'resolved';
  switch (command.what) {
    case 'ack':
      if (isOver || incident.ack !== undefined) return undefined;
      return withRev(
        withLine({ ...incident, ack: { by, at: now }, hidden: undefined }, { at: now, what: 'acked', text: by }),
      );
    case 'snooze':
      if (isOver || incident.snoozedUntil === command.until) return undefined;
      return withRevIfPosted(
        withLine({ ...incident, snoozedUntil: command.until }, { at: now, what: 'snoozed', text: by }),
      );
    case 'resolve':
    case 'archive': {
      if (isOver) return undefined;
      const what = command.what === 'resolve' ? 'resolved' : 'archived';
      return withRevIfPosted(
        withLine(
          { ...incident, phase: { name: 'resolved', at: now, by }, snoozedUntil: undefined },
          { at: now, what, text: by },
        ),
      );
    }
    default:
      return command satisfies never;
  }
}

/** A command on an incident that was never posted does not post it. */
function withRevIfPosted(incident: Incident): Incident {
  return incident.rev === 0 && incident.hidden !== undefined ? incident : withRev(incident);
}

/** The failures that a mark applies to. Only failures can be resolved or archived for the future. */
function causeOf({ tasks, exceptions }: Subject): CauseMark['match'] | undefined {
  return exceptions.length === 0 ? undefined : { ...matchesEverything, tasks, exceptions };
}

/** Later marks take precedence. */
function withMark(book: Book, mark: CauseMark): Book {
  return { ...book, marks: [...book.marks, mark].slice(-marksMax) };
}

function done(book: Book, incident?: string): { readonly book: Book; readonly answer: AlertCommandResult } {
  return { book, answer: { done: true, incident } };
}

function refused(
  book: Book,
  reason: Extract<AlertCommandResult, { done: false }>['reason'],
): { readonly book: Book; readonly answer: AlertCommandResult } {
  return { book, answer: { done: false, reason } };
}
