/** Sends replies that only one person sees, to the address that Slack adds to each interaction. */
import type { Clock } from '../../runtime/clock.ts';
import type { CommandReply } from './replies.ts';

const slackOrigin = 'https://hooks.slack.com';
const timeoutMs = 4_000;

/**
 * `apiUrl`: another server in place of Slack, for tests; replies may then go to its origin too. The returned function
 * rejects for an address of any other origin, and if the reply was not accepted.
 */
export function createReplySender(
  apiUrl: string | undefined,
  timeoutSignal: Clock['timeoutSignal'],
): (url: string, reply: CommandReply) => Promise<void> {
  const origins = [slackOrigin, ...(apiUrl === undefined ? [] : [new URL(apiUrl).origin])];
  return async (url, { text, blocks }) => {
    if (!origins.includes(URL.parse(url)?.origin ?? '')) throw new RangeError('expected an address of Slack');
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ response_type: 'ephemeral', replace_original: false, text, blocks }),
      redirect: 'error',
      signal: timeoutSignal(timeoutMs),
    });
    await response.body?.cancel();
    if (!response.ok) throw new Error(`Slack did not accept a reply: ${response.status}`);
  };
}
