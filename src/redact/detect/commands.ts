/** Commands whose secret has a place but no name: `AUTH x`, `requirepass x`, `echo x | docker login`. */
import type { TextScan } from '../values/text-scan.ts';

/** Text between two words of a command: white space, or the quotes and the comma of a list. */
export const wordGap = String.raw`(?:[ \t]+|\\{0,3}["'],\s{0,4}[bru]?\\{0,3}["'])`;

/** Commands with a secret in a fixed place, by their first word. The secret is the only group. */
const commands: ReadonlyMap<string, RegExp> = new Map(
  [
    [
      'AUTH',
      String.raw`AUTH${wordGap}(?:(?:PLAIN|LOGIN|default|[\w.-]{1,32})${wordGap})?(?=[^\s"']*[\d!@#$%^&*=+-])([^\s"']{4,512})`,
    ],
    ['auth', String.raw`auth${wordGap}(?=[^\s"']*\d)(?=[^\s"']*[A-Za-z])([^\s"'=:]{8,512})(?=$|["'])`],
    ['requirepass', String.raw`requirepass${wordGap}([^\s"']{2,512})`],
    ['masterauth', String.raw`masterauth${wordGap}([^\s"']{2,512})`],
    ['PASS', String.raw`PASS${wordGap}(?=[^\s"']*[\d!@#$%^&*-])(?![^\s"']*(?:/|\.py|::))([^\s"']{4,512})`],
    ['IDENTIFY', String.raw`IDENTIFY${wordGap}(?:[\w.-]{1,32}${wordGap})?([^\s"']{4,512})`],
    ['LOGIN', String.raw`LOGIN${wordGap}"?[\w.@+-]{1,64}"?${wordGap}"?(?=[^\s"']*[\d!@#$%^&*])([^\s"']{4,512})`],
    ['login', String.raw`login${wordGap}(?=[^\s"']*\d)([\w.-]{12,512})(?=$|[\s"'])`],
    ['net', String.raw`net user [\w.-]{1,64} ([^\s"'/]{4,128}) /add`],
    ['add_user', String.raw`add_user${wordGap}[\w.@-]{1,64}${wordGap}([^\s"']{2,512})`],
    ['change_password', String.raw`change_password${wordGap}[\w.@-]{1,64}${wordGap}([^\s"']{2,512})`],
    ['authenticate_user', String.raw`authenticate_user${wordGap}[\w.@-]{1,64}${wordGap}([^\s"']{2,512})`],
    ['htpasswd', String.raw`htpasswd${wordGap}-\w*b\w*${wordGap}(?:[^\s"']{1,256}${wordGap}){1,2}([^\s"']{2,512})`],
    [
      'echo',
      String.raw`echo (?:-n )?["']?(?:[\w.-]{1,64}:)?([^\s"'|:$]{3,512})["']? ?\| ?(?:sudo )?(?:docker|podman|helm|skopeo|crane|chpasswd|passwd|cryptsetup|gh|faillog|sudo -S|openssl|-S)\b`,
    ],
    [
      'printf',
      String.raw`printf (?:'%s' )?["']?([^\s"'|:$%]{3,512})["']? ?\| ?(?:docker|podman|helm|chpasswd|passwd|gh)\b`,
    ],
    ['WIFI', String.raw`WIFI:(?:[A-OQ-Z]:[^;]{0,128};){0,6}P:([^;\s"']{1,128})`],
    [
      'machine',
      String.raw`machine[ \t\n]+\S{1,128}[ \t\n]+login[ \t\n]+\S{1,128}[ \t\n]+password[ \t\n]+([^\s"']{1,512})`,
    ],
  ].map(([name, pattern]) => [name as string, new RegExp(pattern as string, 'dy')]),
);
const settingWords: ReadonlySet<string> = new Set(['set', 'SET', 'put', 'setx', 'config']);
const setPassword = /SET PASSWORD(?: FOR [^=\n]{1,80}?)?\s?(?:=|TO)\s?(?:PASSWORD\()?\\{0,3}["']([^'"\\]{1,256})/dy;
const setting = new RegExp(
  String.raw`(?:set|SET|put|setx|config|--global|--add)${wordGap}([\w.:/-]{2,96})${wordGap}((?:[^\s"'\\=]){2,1024})`,
  'dy',
);

/** The first words of all commands. */
export const commandWords: ReadonlySet<string> = new Set([...commands.keys(), ...settingWords]);

/** The command whose first word `name` is at `from`. Returns the end of the hidden value, or -1. */
export function hideCommandSecret(scan: TextScan, from: number, name: string): number {
  if (settingWords.has(name)) return hideSetting(scan, from, name);
  const pattern = commands.get(name);
  if (pattern === undefined) return -1;
  pattern.lastIndex = from;
  const place = pattern.exec(scan.text)?.indices?.[1];
  return place === undefined ? -1 : scan.hide(place[0], place[1], 'password');
}

const preposition = /^(?:to|for|in|is|as|by|of|on|from)$/i;

/** `config set requirepass x`, `SET PASSWORD = 'x'`. */
function hideSetting(scan: TextScan, from: number, name: string): number {
  const { text } = scan;
  setPassword.lastIndex = from;
  const password = name === 'SET' ? setPassword.exec(text)?.indices?.[1] : undefined;
  if (password !== undefined) return scan.hide(password[0], password[1], 'password');
  setting.lastIndex = from;
  const match = setting.exec(text);
  const place = match?.indices?.[2];
  if (match === null || place === undefined) return -1;
  const [, key = '', value = ''] = match;
  const meaning = scan.meaningOf(key.split(/[/:]/).at(-1) as string);
  if (meaning === undefined || meaning.isWeak || preposition.test(value)) return -1;
  if (name === 'config' && !/\d/.test(value)) return -1;
  return scan.hide(place[0], place[1], meaning.kind);
}
