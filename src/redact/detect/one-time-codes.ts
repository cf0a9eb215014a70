/** Sentences with a one-time code: `648404 is your login code`, `Votre code de vérification est 424287`. */
import type { TextScan } from '../values/text-scan.ts';

const codeWord =
  /^(?:\p{L}{0,20}(?:code|kode|kod|koodi)|codes|passcode|código|codigo|codice|kod|kode|kód|otp|pin|код|κωδικός|κωδικος|קוד|mã|kood|koodi|cod|コード)$/iu;
/** Words that make a code a secret one: its owner (`your`) or its purpose (`login`). */
const ownerOrPurpose =
  /(?:^|\s)(?:your|votre|ihr|dein|tu|su|o seu|seu|teu|suo|tuo|il tuo|uw|je|din|ditt|twój|twoj|váš|vas|tvůj|ваш|твій|ваша|kodunuz|kodunuza|verif\p{L}*|vérif\p{L}*|vahvist\p{L}*|bestätig\p{L}*|bestaetig\p{L}*|confirm\p{L}*|conferm\p{L}*|bekräft\p{L}*|bekreft\p{L}*|weryfik\p{L}*|potwierdz\p{L}*|ověř\p{L}*|подтвержд\p{L}*|підтвердж\p{L}*|доступ\p{L}*|onay|doğrulama|login|log-in|sign-in|security|sicherheit\p{L}*|sécurité|seguridad|segurança|sicurezza|access|acceso|acesso|accès|authentication|auth|one-time|2fa|mfa|sms|otp|single-use|temporary|επαλήθευσης|אימות|xác)(?=\s|$|[:-])/iu;
const numberAfter = /(?:[^\d\n.;]{0,64}?)[\s:="'«„]((?:\d{3}[- ]\d{3})|\d{4,8})(?![\w-])/dy;
const codeAhead =
  /\d{4,8}(?= (?:is|ist|est|es|é|è|är|er|to|jest|je|on|это|—|-|=) [^.\n]{0,48}?(?:code|código|codigo|codice|kod|kode|kód|код|otp|pin|passcode|password)\b)/iuy;

/** Kinds of codes that are public: `error code 4711`, `zip code 90210`. */
const publicCode =
  /(?:error|status|exit|zip|postal|country|promo|coupon|discount|return|response|area|dial|product|ticket|order|ref)\W{1,3}\p{L}{0,12}$/iu;

/** Hides the number after the word for a code, which is from `from` to `end`. Returns its end, or -1. */
export function hideCodeAfter(scan: TextScan, from: number, end: number): number {
  const { text, start, to } = scan;
  if (end - from > 28 || !codeWord.test(text.slice(from, end))) return -1;
  numberAfter.lastIndex = end;
  const place = numberAfter.exec(text)?.indices?.[1];
  if (place === undefined || place[1] > to) return -1;
  const sentence = text.slice(Math.max(start, from - 32), place[0]);
  if (!ownerOrPurpose.test(sentence) || publicCode.test(text.slice(Math.max(start, from - 24), from))) return -1;
  return scan.hide(place[0], place[1], 'code');
}

/** Hides the digits at `from` if the rest of the sentence makes a code of them. Returns their end, or -1. */
export function hideCodeBefore(scan: TextScan, from: number): number {
  codeAhead.lastIndex = from;
  if (!codeAhead.test(scan.text)) return -1;
  const end = codeAhead.lastIndex;
  return ownerOrPurpose.test(scan.text.slice(end, end + 64)) ? scan.hide(from, end, 'code') : -1;
}
