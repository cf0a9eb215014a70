/** The page's style and script, served from its own origin, so that the content security policy allows nothing else. */

export const css = `
:root { color-scheme: light dark; --text: #1d2330; --soft: #5b6475; --line: #dfe3ea; --ground: #f6f7f9; --card: #fff; --accent: #2a5bd7;
  --bad: #c22f3d; --high: #d9650f; --warn: #d9a400; --good: #1c7f4a; --wait: #a9b3c4; }
@media (prefers-color-scheme: dark) { :root { --text: #e7eaf0; --soft: #9aa4b5; --line: #2b313c; --ground: #12151b; --card: #1a1e26; --accent: #7aa2ff;
  --bad: #ff7b86; --high: #f28b4b; --warn: #e5c04b; --good: #5cc98d; --wait: #56607a; } }
* { box-sizing: border-box }
body { margin: 0; background: var(--ground); color: var(--text); font: 15px/1.5 system-ui, sans-serif }
header, main { max-width: 1180px; margin: 0 auto; padding: 0 20px }
header { padding-top: 28px } h1 { margin: 0; font-size: 26px; letter-spacing: -.02em } h1 small { font-weight: 400; color: var(--soft); font-size: 16px }
section { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 18px 22px 22px; margin: 20px 0 }
h2 { margin: 0; font-size: 18px } .about { margin: 2px 0 14px; color: var(--soft) } .none { color: var(--soft) }
.counts { list-style: none; display: flex; flex-wrap: wrap; gap: 8px 10px; padding: 0; margin: 14px 0 }
.counts li { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 4px 12px; color: var(--soft) } .counts b { color: var(--text); font-size: 17px; margin-right: 3px }
.wide { overflow-x: auto } table { border-collapse: collapse; width: 100%; font-size: 14px } th, td { text-align: left; padding: 6px 12px 6px 0; border-bottom: 1px solid var(--line); vertical-align: top; overflow-wrap: anywhere }
th { color: var(--soft); font-weight: 600; white-space: nowrap } td.n { font-variant-numeric: tabular-nums; font-weight: 600 } td time, td code { white-space: nowrap }
a { color: var(--accent); text-decoration: none } a:hover, a:focus { text-decoration: underline }
code, pre { font-family: ui-monospace, "DejaVu Sans Mono", monospace; font-size: 13px } pre { background: var(--ground); border: 1px solid var(--line); border-radius: 6px; padding: 8px 12px; margin: 6px 0; white-space: pre-wrap; overflow-wrap: anywhere }
.groups td:nth-child(n+3) { white-space: nowrap } .groups td:nth-child(2) { min-width: 260px } details > summary { color: var(--accent); cursor: pointer; padding: 6px 0 }
.slack { display: flex; gap: 12px; padding: 12px 0 12px 12px; border-left: 4px solid var(--warn); margin: 0 0 14px } .slack.critical { border-color: var(--bad) } .slack.high { border-color: var(--high) } .slack.resolved { border-color: var(--good) } .slack.bulletin { border-color: var(--accent) }
.avatar { flex: none; width: 38px; height: 38px; border-radius: 8px; background: var(--accent); color: var(--card); font-weight: 700; display: grid; place-items: center }
.context { white-space: pre-line } .said { min-width: 0; flex: 1 } .slack p, .slack h3 { margin: 0 } .slack h3 { font-size: 16px; margin: 2px 0 } .who, .context { color: var(--soft); font-size: 13px } .who b { color: var(--text); font-size: 15px }
.app { background: var(--line); border-radius: 3px; padding: 0 4px; font-size: 11px; color: var(--soft) } .rich { white-space: pre-wrap; overflow-wrap: anywhere } .thread .rich { display: inline } .bullets { margin: 2px 0; padding-left: 20px } .bullets li { overflow-wrap: anywhere } .mention { color: var(--accent); background: var(--ground); border-radius: 3px; padding: 0 2px } .actions { display: flex; flex-wrap: wrap; gap: 6px; padding: 6px 0 } .control { border: 1px solid var(--line); border-radius: 4px; padding: 1px 10px; font-size: 13px; font-weight: 600; line-height: 24px; color: var(--text) } .control.primary { background: var(--good); border-color: var(--good); color: var(--card) } .link { color: var(--accent) } .thread { border-left: 2px solid var(--line); padding-left: 10px; margin-top: 8px; font-size: 14px }
.traces { list-style: none; padding: 0; margin: 0 0 10px; display: flex; flex-wrap: wrap; gap: 6px } .traces a { display: block; border: 1px solid var(--line); border-radius: 6px; padding: 2px 9px; font-size: 13px; color: var(--text) } .traces a[aria-current] { border-color: var(--accent); box-shadow: 0 0 0 1px var(--accent) } small { color: var(--soft) }
.waterfall { font-size: 13px; border-top: 1px solid var(--line) } .waterfall .row > summary, .waterfall .scale { display: grid; grid-template-columns: minmax(150px, 38%) 1fr; gap: 12px; align-items: center; padding: 3px 0; border-bottom: 1px solid var(--line); cursor: pointer; list-style: none } .waterfall .scale { cursor: default; color: var(--soft) }
.ticks { display: flex; justify-content: space-between; padding-right: 76px } .name { overflow: hidden; text-overflow: ellipsis; white-space: nowrap } .bad { color: var(--bad) }
.bar { display: grid; grid-template-columns: 1fr 68px; gap: 8px; align-items: center } .bar svg { width: 100%; height: 14px; background: var(--ground); border-radius: 3px } .bar small { text-align: right; white-space: nowrap }
rect { fill: var(--accent) } rect.internal { fill: var(--soft) } rect.consumer { fill: var(--accent) } rect.producer { fill: var(--warn) } rect.wait { fill: var(--wait) } rect.error { fill: var(--bad) }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 2px 14px; margin: 6px 0 12px 14px } dt { color: var(--soft) } dd { margin: 0; overflow-wrap: anywhere; font-family: ui-monospace, "DejaVu Sans Mono", monospace }
@media (max-width: 640px) { section { padding: 14px } .waterfall .row > summary, .waterfall .scale { grid-template-columns: 1fr } dl { grid-template-columns: 1fr } }
`;

export const script = `
// Replaces each section by its newest state, unless the reader has opened or selected something in it.
async function refresh() {
  const answer = await fetch(location.pathname, { headers: { accept: 'text/html' } }).catch(() => undefined);
  if (answer === undefined || !answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html');
  document.querySelector('.counts').replaceWith(fresh.querySelector('.counts'));
  for (const section of document.querySelectorAll('main > section')) {
    const next = fresh.getElementById(section.id);
    const isInUse = section.querySelector('details[open]') !== null || section.contains(getSelection().anchorNode) && !getSelection().isCollapsed || section.contains(document.activeElement);
    if (next !== null && !isInUse && next.innerHTML !== section.innerHTML) section.replaceWith(next);
  }
}
setInterval(refresh, 2000);
`;
