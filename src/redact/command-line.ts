/** Secrets on command lines, as one text (`curl -u me:pw`) or as a list (`['mysql', '-ppw']`). */
import type { Judge } from './keys.ts';
import type { Found } from './shapes.ts';
import { isWorth } from './worth.ts';

/** Between two words of a command: white space, or the quotes and the comma of a list. */
const gap = String.raw`(?:[ \t]+|\\{0,3}["'],\s{0,4}[bru]?\\{0,3}["'])`;
const option = new RegExp(String.raw`--?([A-Za-z][\w.-]{1,60})(?:${gap})(?!-)`, 'y');
const word = /(?:\\{0,3}["'])?((?:\\.|[^\s"'\\]){1,2048})/dy;

/** `--password x`, `-token x`; the form with `=` is read like every other entry. Answers the end, or -1. */
export function addOption(text: string, at: number, to: number, judge: Judge, found: Found[]): number {
  option.lastIndex = at;
  const match = option.exec(text);
  if (match === null || option.lastIndex >= to) return -1;
  const verdict = judge(match[1] as string);
  if (verdict === undefined) return -1;
  return addWord(text, option.lastIndex, to, found, (value) => isWorth(value, verdict), verdict.kind);
}

/** Letters that mean a secret, for the commands where they do; `joined` when nothing may stand between. */
const shortOptions: readonly {
  readonly command: RegExp;
  readonly letters: string;
  readonly form: 'joined' | 'spaced' | 'either' | 'user-and-password';
}[] = [
  { command: /\b(?:mysql\w*|mariadb\w*|mycli|xtrabackup)\b/, letters: 'p', form: 'joined' },
  {
    command:
      /\b(?:sshpass|docker|podman|buildah|skopeo|nerdctl|helm|oc|mongo\w*|7z|7za|sqlcmd|influx|clickhouse-client|az|vault|rabbitmqadmin|cqlsh|kinit|ipmitool|snowsql|login|mosquitto_\w+)\b/,
    letters: 'pP',
    form: 'either',
  },
  { command: /\b(?:redis-cli|valkey-cli|keydb-cli)\b/, letters: 'a', form: 'either' },
  { command: /\b(?:ldap\w+)\b/, letters: 'w', form: 'either' },
  { command: /\b(?:zip|unzip|sqlcmd|bcp|isql)\b/, letters: 'P', form: 'either' },
  {
    command: /\b(?:curl|wget|http|https|httpie|smbclient|mount|rclone|lftp|xh)\b/,
    letters: 'uUa',
    form: 'user-and-password',
  },
];
const lookBack = 200;

export function addShortOption(text: string, at: number, to: number, found: Found[]): number {
  const letter = text[at + 1];
  if (letter === undefined || !'pPawuU'.includes(letter)) return -1;
  const line = text.slice(Math.max(0, at - lookBack), at);
  const before = line.slice(line.lastIndexOf('\n') + 1);
  for (const { command, letters, form } of shortOptions) {
    if (!letters.includes(letter) || !command.test(before)) continue;
    const next = new RegExp(gap, 'y');
    next.lastIndex = at + 2;
    const isSpaced = next.test(text);
    if (isSpaced && form === 'joined') continue;
    // `-port`, `-auth`: a long name after one dash, where the password has to stand apart.
    if (!isSpaced && form !== 'joined' && /^-[a-z]{2,12}\b/.test(text.slice(at, at + 14))) continue;
    const from = isSpaced ? next.lastIndex : at + 2;
    if (form === 'user-and-password') {
      const user = /(?:\\{0,3}["'])?[^\s:%"']{0,128}[:%]/y;
      user.lastIndex = from;
      if (!user.test(text)) continue;
      return addWord(text, user.lastIndex, to, found, (value) => !value.startsWith('//'), 'password');
    }
    return addWord(text, from, to, found, (value) => !/^(?:\d{2,5}:\d{2,5}.*|-.*)$/.test(value), 'password');
  }
  return -1;
}

function addWord(
  text: string,
  at: number,
  to: number,
  found: Found[],
  isSecret: (value: string) => boolean,
  kind: string,
): number {
  word.lastIndex = at;
  const match = word.exec(text);
  const place = match?.indices?.[1];
  if (match === null || place === undefined) return -1;
  const quoted = /^\\{0,3}["']/.exec(text.slice(at, at + 4))?.[0];
  let end = place[1];
  if (quoted !== undefined) {
    const close = text.indexOf(quoted, place[0]);
    if (close > 0 && close - place[0] < 512 && close < to) end = close;
  }
  const value = text.slice(place[0], Math.min(end, to));
  if (!isSecret(value)) return -1;
  found.push({ from: place[0], to: Math.min(end, to), kind });
  return end;
}
