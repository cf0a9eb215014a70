/** Options with a secret on command lines, as one text (`curl -u me:pw`) or as a list (`['mysql', '-ppw']`). */
import type { TextScan } from '../values/text-scan.ts';
import { wordGap } from './commands.ts';

const option = new RegExp(String.raw`--?([A-Za-z][\w.-]{1,60})(${wordGap}|=)(?!-)`, 'y');
const gapAt = new RegExp(wordGap, 'y');
const word = /(?:\\{0,3}["'])?((?:\\.|[^\s"'\\]){1,2048})/dy;
const loginOptions = /^(?:user|proxy-user|userpwd|basic-auth|auth|login|creds|credentials|username-password)$/i;

/** `--password x`, `-token x`, `--user me:x`. Returns the end of the hidden value, or -1. */
export function hideLongOption(scan: TextScan, at: number): number {
  option.lastIndex = at;
  const match = option.exec(scan.text);
  if (match === null || option.lastIndex >= scan.to) return -1;
  const name = match[1] as string;
  const from = option.lastIndex;
  if (loginOptions.test(name)) {
    const end = hideLogin(scan, from);
    if (end >= 0) return end;
  }
  // The form with `=` is read like any other entry.
  if (match[2] === '=') return -1;
  const meaning = scan.meaningOf(name) ?? (name === 'with-token' ? scan.meaningOf('token') : undefined);
  if (meaning === undefined) return -1;
  return hideWord(scan, from, (value) => (scan.isSecret(value, meaning) ? meaning.kind : undefined));
}

interface ShortOption {
  /** Text before the option on the same line. */
  readonly command: RegExp;
  readonly letters: string;
  /** `joined`: the secret follows the letter directly. */
  readonly form: 'joined' | 'spaced' | 'either' | 'user-and-password';
}

const shortOptions: readonly ShortOption[] = [
  { command: /\b(?:mysql\w*|mariadb[\w-]*|mycli|xtrabackup|innobackupex)\b/, letters: 'p', form: 'joined' },
  { command: /\b(?:7z[ar]?|rar|unrar)\b/, letters: 'p', form: 'joined' },
  { command: new RegExp(`\\bsshpass${wordGap}$`), letters: 'p', form: 'either' },
  {
    command: /\b(?:docker|podman|buildah|skopeo|nerdctl|helm|oras|crane|oc|az|cf|ibmcloud|rancher|argocd)\b.*\blogin\b/,
    letters: 'p',
    form: 'either',
  },
  {
    command:
      /\b(?:mongo\w*|influx|cqlsh|nodetool|arangosh|snowsql|rabbitmqadmin|ipmitool|vsql|exaplus|teradata|neo4j|cypher-shell|couchbase-cli|cbq|solr|jmxterm|nmcli|iscsiadm|dbaccess)\b/,
    letters: 'p',
    form: 'either',
  },
  // Any tool that takes the user right before: `tool -u me -p x`.
  {
    command: new RegExp(
      `^(?!.*\\b(?:mysql|mariadb|psql|ssh|scp|docker run)).*(?:-u|-U|--user(?:name)?|--login)(?:${wordGap}|=)[^\\s"']{1,128}${wordGap}$`,
    ),
    letters: 'p',
    form: 'either',
  },
  {
    command: /\b(?:zip|unzip|sqlcmd|bcp|isql|osql|tsql|ipmitool|mosquitto_\w+|mqttx?|smbmap)\b/,
    letters: 'P',
    form: 'either',
  },
  { command: /\b(?:redis-cli|valkey-cli|keydb-cli)\b/, letters: 'a', form: 'either' },
  { command: /\b(?:ldap\w+|psql-ldap)\b/, letters: 'w', form: 'either' },
  { command: /\bopenssl (?:enc|aes|des)/, letters: 'kK', form: 'spaced' },
  { command: /\buseradd|usermod\b/, letters: 'p', form: 'spaced' },
  {
    command:
      /\b(?:curl|wget|http|https|httpie|xh|smbclient|mount|rclone|lftp|ftp|ncftp\w*|rpcclient|hurl|ab|wrk|newman)\b/,
    letters: 'uUa',
    form: 'user-and-password',
  },
];
const commandCharsMax = 200;
const shortLetters = new Set([...'pPawuUkK']);
/** A port, a pair of ports or another option. */
const portOrOption = /^(?:(?:[\d.]+:)?\d{2,5}(?::\d{2,5})?|-.*)$/;

/** `-p x`, `-px`, `-u me:x` after a command that takes a secret there. Returns the end of the hidden value, or -1. */
export function hideShortOption(scan: TextScan, at: number): number {
  const { text } = scan;
  const letter = text[at + 1];
  if (letter === undefined || !shortLetters.has(letter)) return -1;
  const before = commandBefore(text, at);
  gapAt.lastIndex = at + 2;
  const isSpaced = gapAt.test(text);
  const from = isSpaced ? gapAt.lastIndex : at + 2;
  // A long name after one dash, `-port` or `-auth`, where the password has to stand apart.
  const isLongName = !isSpaced && /^-[a-z]{2,12}\b/.test(text.slice(at, at + 14));
  for (const { command, letters, form } of shortOptions) {
    if (!letters.includes(letter) || !command.test(before)) continue;
    if (isSpaced ? form === 'joined' : form === 'spaced') continue;
    if (isLongName && form !== 'joined') continue;
    if (form === 'user-and-password') return hideLogin(scan, from);
    return hideWord(scan, from, (value) => (portOrOption.test(value) ? undefined : 'password'));
  }
  return -1;
}

/** The command of the option at `at`: in a list from its bracket on, in a text from its beginning on. */
function commandBefore(text: string, at: number): string {
  const window = text.slice(Math.max(0, at - commandCharsMax), at);
  const isList = text[at - 1] === "'" || text[at - 1] === '"';
  const ends = isList ? /[[(\n]|[;|] / : /["'],\s?[bru]?["']?|\n|\\n|;\s|\|\s|&&|[([]["']/;
  return window.split(ends).at(-1) ?? '';
}

/** `/p:x` and `/user:me x` of Windows. Returns the end of the hidden value, or -1. */
export function hideSlashOption(scan: TextScan, at: number): number {
  const { text } = scan;
  const letter = text[at + 1];
  if (letter !== 'p' && letter !== 'u') return -1;
  const form = /\/(?:p:|pass:|user:[^\s"']{1,128} )(?![/-])((?:[^\s"'\\]){3,256})/dy;
  form.lastIndex = at;
  const place = form.exec(text)?.indices?.[1];
  return place !== undefined && windowsTools.test(commandBefore(text, at))
    ? scan.hide(place[0], place[1], 'password')
    : -1;
}

const windowsTools = /\b(?:xfreerdp|rdesktop|mstsc|net use|cmdkey|schtasks|psexec|wmic|runas|freerdp)\b/i;

/** The password of `me:x`, `me%x` or `me,x`. */
function hideLogin(scan: TextScan, from: number): number {
  const user = /(?:\\{0,3}["'])?[^\s:%,"']{0,128}[:%,]/y;
  user.lastIndex = from;
  if (!user.test(scan.text)) return -1;
  return hideWord(scan, user.lastIndex, (value) =>
    /^\/\/|^\d{1,5}(?::\d{1,5})?$/.test(value) ? undefined : 'password',
  );
}

/** Hides the word at `at` if `kindOf` returns a kind for it; a word in quotes goes up to the closing quote. */
function hideWord(scan: TextScan, at: number, kindOf: (value: string) => string | undefined): number {
  const { text, to } = scan;
  word.lastIndex = at;
  const place = word.exec(text)?.indices?.[1];
  if (place === undefined) return -1;
  const [from] = place;
  let [, end] = place;
  // In a list the gap before the word ends with its opening quote.
  const quote = /^\\{0,3}["']/.exec(text.slice(at, at + 4))?.[0] ?? /["']/.exec(text[at - 1] ?? '')?.[0];
  if (quote !== undefined) {
    const close = text.indexOf(quote, from);
    if (close > 0 && close - from < 512 && close < to) end = close;
  }
  const kind = kindOf(text.slice(from, Math.min(end, to)));
  return kind === undefined ? -1 : scan.hide(from, end, kind);
}
