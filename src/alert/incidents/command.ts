/** Commands about an incident or a cause, from buttons in Slack, the command line and the deploy hook. Types only. */
import type { Millis } from '../../event/ids.ts';
import type { Matcher, Silence } from '../policy.ts';
import type { DeployMark } from '../signal.ts';

/** `by`: the author, as a Slack user id, `cli` or `http`. `incident`: an id; a command about a removed incident changes nothing. */
export type AlertCommand =
  | { readonly what: 'ack'; readonly incident: string; readonly by: string }
  | { readonly what: 'snooze'; readonly incident: string; readonly by: string; readonly until: Millis }
  /** The cause is fixed, so the next occurrence is a regression. */
  | { readonly what: 'resolve'; readonly incident: string; readonly by: string }
  /** The cause is accepted until it gets worse. */
  | { readonly what: 'archive'; readonly incident: string; readonly by: string }
  | { readonly what: 'silence'; readonly silence: Silence }
  | { readonly what: 'unsilence'; readonly id: string; readonly by: string }
  /** Like `resolve` and `archive`, for a cause without an incident, e.g. from Sentry. */
  | { readonly what: 'mark'; readonly state: 'resolved' | 'archived'; readonly match: Matcher; readonly by: string }
  | { readonly what: 'deploy'; readonly deploy: DeployMark };

/** The outcome, for the author of the command. */
export type AlertCommandResult =
  | { readonly done: true; readonly incident: string | undefined }
  | { readonly done: false; readonly reason: 'no-such-incident' | 'already-so' | 'no-such-silence' };
