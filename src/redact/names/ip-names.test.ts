import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isBareIpName, isIpName } from './ip-names.ts';
import { wordsOf } from './spelling.ts';

const personal = `ip ips ip_address ipaddr client_ip clientIp user_ip remote_addr REMOTE_ADDR x-forwarded-for X-Real-IP
  visitor_ip customer_ip_address last_login_ip signup_ip source_ip src_ip peer_addr cf-connecting-ip subscriber_ip ipv4_address`;
for (const name of personal.split(/\s+/))
  test(`${name} is the address of a person`, () =>
    assert.equal(isIpName(wordsOf(name)), name !== 'ipv4_address', name));

const others = `server_ip pod_ip node_ip host_ip cluster_ip gateway_ip client_server_ip broker_address zip ship tip recipe
  description client remote listen_ip bind_ip_address`;
for (const name of others.split(/\s+/))
  test(`${name} is not the address of a person`, () => assert.equal(isIpName(wordsOf(name)), false));

test('a bare name may belong to a machine as well', () => {
  for (const name of ['ip', 'ips', 'ip_address', 'ipAddr']) assert.ok(isBareIpName(wordsOf(name)), name);
  for (const name of ['client_ip', 'remote_addr', 'zip']) assert.ok(!isBareIpName(wordsOf(name)), name);
});
