/** Sentences that tell a one-time code: `648404 is your login code`, `Votre code de vérification est 424287`. */
import { note, type ScanState } from '../text/scan-state.ts';

const codeWord =
  /^(?:\p{L}{0,20}(?:code|kode|kod|koodi)|codes|passcode|código|codigo|codice|kod|kode|kód|otp|pin|код|κωδικός|κωδικος|קוד|mã|kood|koodi|cod|コード)$/iu;
/** What makes a code one that lets somebody in: whose it is, or what for. */
const telling =
  /(?:^|\s)(?:your|votre|ihr|dein|tu|su|o seu|seu|teu|suo|tuo|il tuo|uw|je|din|ditt|twój|twoj|váš|vas|tvůj|ваш|твій|ваша|kodunuz|kodunuza|verif\p{L}*|vérif\p{L}*|vahvist\p{L}*|bestätig\p{L}*|bestaetig\p{L}*|confirm\p{L}*|conferm\p{L}*|bekräft\p{L}*|bekreft\p{L}*|weryfik\p{L}*|potwierdz\p{L}*|ověř\p{L}*|подтвержд\p{L}*|підтвердж\p{L}*|доступ\p{L}*|onay|doğrulama|login|log-in|sign-in|security|sicherheit\p{L}*|sécurité|seguridad|segurança|sicurezza|access|acceso|acesso|accès|authentication|auth|one-time|2fa|mfa|sms|otp|single-use|temporary|επαλήθευσης|אימות|xác)(?=\s|$|[:-])/iu;
const numberBehind = /(?:[^\d\n.;]{0,64}?)[\s:="'«„]((?:\d{3}[- ]\d{3})|\d{4,8})(?![\w-])/dy;
const codeBehind =
  /\d{4,8}(?= (?:is|ist|est|es|é|è|är|er|to|jest|je|on|это|—|-|=) [^.\n]{0,48}?(?:code|código|codigo|codice|kod|kode|kód|код|otp|pin|passcode|password)\b)/iuy;

/** From the word of a code up to `end`; answers the end of the number behind it, or -1. */
export function addCodeSaid(pass: ScanState, from: number, end: number): number {
  const { text, start, to } = pass;
  if (end - from > 28 || !codeWord.test(text.slice(from, end))) return -1;
  numberBehind.lastIndex = end;
  const place = numberBehind.exec(text)?.indices?.[1];
  if (place === undefined || place[1] > to) return -1;
  const sentence = text.slice(Math.max(start, from - 32), place[0]);
  if (
    !telling.test(sentence) ||
    /(?:error|status|exit|zip|postal|country|promo|coupon|discount|return|response|area|dial|product|ticket|order|ref)\W{1,3}\p{L}{0,12}$/iu.test(
      text.slice(Math.max(start, from - 24), from),
    )
  )
    return -1;
  return note(pass, place[0], place[1], 'code');
}

/** From the digits at `from`; answers their end when the sentence says that they are a code, or -1. */
export function addCodeFirst(pass: ScanState, from: number): number {
  codeBehind.lastIndex = from;
  if (!codeBehind.test(pass.text)) return -1;
  const end = codeBehind.lastIndex;
  return telling.test(pass.text.slice(end, end + 64)) ? note(pass, from, end, 'code') : -1;
}
