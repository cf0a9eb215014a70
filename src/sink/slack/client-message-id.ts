import { createHash } from 'node:crypto';

/** A UUID (version 5) of `name`, sent as `client_msg_id`: it lets Slack recognize a repeated post. */
export function clientMessageId(name: string): string {
  const namespace = Buffer.from('8c0f6a3e2d5b4c1f9e7a1b2c3d4e5f60', 'hex');
  const hash = createHash('sha1').update(namespace).update(name).digest();
  hash[6] = (hash[6]! & 0x0f) | 0x50;
  hash[8] = (hash[8]! & 0x3f) | 0x80;
  const hex = hash.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-');
}
