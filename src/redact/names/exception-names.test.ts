import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isExceptionName } from './exception-names.ts';

const exceptions = `InvalidToken ExpiredSignatureError jwt.exceptions.InvalidTokenError TokenExpired PasswordRequired MissingApiKey
  shop.errors.BadSecret KeyError AuthenticationFailed RevokedTokenWarning`;
for (const name of exceptions.split(/\s+/)) test(`${name} is an exception`, () => assert.ok(isExceptionName(name)));

const others = `Token Password ApiKey AccessToken SecretValue password token_expired InvalidTOKEN Invalidated Errors Invalid
  db.password USER_TOKEN Invalid-Token`;
for (const name of others.split(/\s+/)) test(`${name} is no exception`, () => assert.ok(!isExceptionName(name)));
