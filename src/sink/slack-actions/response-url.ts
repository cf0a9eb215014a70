/** Answers that only one person sees, over the address that Slack gives with each interaction. */
import type { Clock } from '../../runtime/clock.ts';
import type { CommandReply } from './replies.ts';

/** Where Slack's own addresses lead. Anything else is not Slack's. */
const slackOrigin = 'https://hooks.slack.com';
const timeoutMs = 4_000;

/** `apiUrl`: of a Slack that is not Slack's, for tests; its own addresses are then good too. Rejects when it was not taken. */
export function createReplySender(
  apiUrl: string | undefined,
  timeoutSignal: Clock['timeoutSignal'],
): (url: string, answer: CommandReply) => Promise<void> {
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
    if (!response.ok) throw new Error(`Slack did not take an answer: ${response.status}`);
  };
}
