import { describe } from 'node:test';
import { testRows } from '../../../test/fakes/hidden.ts';
import { testDetector } from '../../../test/fakes/text-scan.ts';
import { hideEscapedTagText, hideTagText } from './tags.ts';

describe('tags in a log line', () => {
  testRows([
    '<password>«Zebra7x»</password>',
    '<add key="ApiKey" value="«Zebra7xQ9»"/>',
    '<user>ann</user><token>«k9XmP2vQ7»</token>',
  ]);
  testRows(['<name>Zebra7x</name>', '<add key="Page" value="3"/>', '<input type="password">']);
});

describe('the text of an element', () => {
  testDetector(
    [
      '<password¦>«Zebra7x»</password>',
      '<wsse:Password Type="text"¦>«Zebra7x»</wsse:Password>',
      '<header name="X-Api-Key"¦>«Zebra7x»</header>',
      '<field id=\\"token\\"¦>«Zebra7x»</field>',
      '<password¦><![CDATA[«Zebra7x»]]></password>'.replace('»]]>', ']]>»'),
      '<password¦>«two words»  </password>',
      '<password¦>«cut...»',
      '<key>password</key><string¦>«Zebra7x»</string>',
      '<key>password</key>\n  <string¦>«Zebra7x»</string>',
    ],
    hideTagText,
  );
  testDetector(
    [
      '<city¦>Lisbon</city>',
      '<password¦></password>',
      '<password¦>None</password>',
      '</password¦>Zebra7x',
      '[<Password¦>, <Token>]',
      '{<Password¦>}',
      '<Password at 0x7f1c¦>Zebra7x<',
      'password¦> Zebra7x',
      '<password¦>\nline\n',
      '<key>city</key><string¦>Lisbon</string>',
      '<field type="password"¦>Zebra7x</field>',
    ],
    hideTagText,
  );
});

describe('the text of an escaped element', () => {
  testDetector(
    ['&lt;password¦&gt;«Zebra7x»&lt;/password&gt;', '&lt;ns:token a="b"¦&gt;«Zebra7x»&lt;/ns:token&gt;'],
    hideEscapedTagText,
  );
  testDetector(
    [
      '&lt;city¦&gt;Lisbon&lt;/city&gt;',
      '&lt;password¦&gt;Zebra7x',
      '&lt;password¦&gt;&lt;/password&gt;',
      'password¦&gt;Zebra7x&lt;',
    ],
    hideEscapedTagText,
  );
});
