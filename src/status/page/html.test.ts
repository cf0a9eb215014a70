import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Html, html } from './html.ts';

const cases: readonly (readonly [name: string, rendered: Html, want: string])[] = [
  ['text is escaped', html`<p>${'<b>&"\''}</p>`, '<p>&lt;b&gt;&amp;&quot;&#39;</p>'],
  [
    'text in an attribute is escaped',
    html`<a title="${'" onclick="x'}"></a>`,
    '<a title="&quot; onclick=&quot;x"></a>',
  ],
  ['numbers are printed', html`<td>${42}</td>`, '<td>42</td>'],
  ['undefined prints nothing', html`<td>${undefined}</td>`, '<td></td>'],
  ['rendered parts are not escaped again', html`<ul>${html`<li>${'&'}</li>`}</ul>`, '<ul><li>&amp;</li></ul>'],
  ['lists of parts are joined', html`${['a', '<'].map((text) => html`<li>${text}</li>`)}`, '<li>a</li><li>&lt;</li>'],
  ['an empty list prints nothing', html`<ul>${[]}</ul>`, '<ul></ul>'],
  ['a template without values is itself', html`<hr>`, '<hr>'],
  ['two values side by side', html`${'<'}${'>'}`, '&lt;&gt;'],
];
for (const [name, rendered, want] of cases) test(name, () => assert.equal(rendered.toString(), want));

test('no text of a worker can close a tag or an attribute', () => {
  for (const text of ['</script><script>', '"><img src=x>', "' onload='x", '&lt;', '\u2028<'])
    assert.doesNotMatch(html`${text}`.toString(), /[<>"']/);
});

test('a rendered part is recognised by its class', () => assert.ok(html`` instanceof Html));
