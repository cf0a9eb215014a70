/** What people tell taskvigil to do about an incident: buttons in Slack, the command line, a deploy hook. Types only. */
import type { Millis } from '../../event/ids.ts';
import type { Matcher, Silence } from '../policy.ts';
import type { DeployMark } from '../signal.ts';

/** `by` is whoever asked: a Slack user id, `cli`, `http`. `incident` is its id; a command about one that is gone changes nothing. */
export type AlertCommand =
  | { readonly what: 'ack'; readonly incident: string; readonly by: string }
  | { readonly what: 'snooze'; readonly incident: string; readonly by: string; readonly until: Millis }
  /** It is mended: the next occurrence is a regression, and told as one. */
  | { readonly what: 'resolve'; readonly incident: string; readonly by: string }
  /** Known and to be lived with, until it gets worse. */
  | { readonly what: 'archive'; readonly incident: string; readonly by: string }
  | { readonly what: 'silence'; readonly silence: Silence }
  | { readonly what: 'unsilence'; readonly id: string; readonly by: string }
  /** As `resolve` and `archive`, of a cause that need not have an incident: from Sentry, say. */
  | { readonly what: 'mark'; readonly state: 'resolved' | 'archived'; readonly match: Matcher; readonly by: string }
  | { readonly what: 'deploy'; readonly deploy: DeployMark };

/** What became of a command, for the one who gave it. */
export type AlertCommandResult =
  | { readonly done: true; readonly incident: string | undefined }
  | { readonly done: false; readonly reason: 'no-such-incident' | 'already-so' | 'no-such-silence' };
