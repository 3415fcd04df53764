// Style and script of exported pages, as text: both are inlined and named by hash in the page's policy, so no
// other style or script can run in it.

/** Steps of the activation ramp; a page may not have inline styles. */
export const FILL_STEPS = 10;

const fills = Array.from(
  { length: FILL_STEPS },
  (_, i) =>
    `.u${i + 1}{background:color-mix(in oklab,var(--high) ${(i + 1) * FILL_STEPS}%,var(--low))}`,
).join('\n');

export const PAGE_STYLE = `
:root{color-scheme:light dark;--page:light-dark(#fff,#14161a);--panel:light-dark(#f6f7f9,#1c1f25);
--text:light-dark(#16181d,#eceef2);--muted:light-dark(#545b67,#a6adbb);--line:light-dark(#dfe2e7,#2e333c);
--edge:light-dark(#7c8492,#727b8a);--low:light-dark(#fff3d6,#2b2416);--high:light-dark(#f0a020,#85591a);
--up:light-dark(#0b5cad,#6db3f2);--down:light-dark(#b8470b,#f2955a);--focus:light-dark(#0a58ca,#7fb5ff)}
body{margin:0 auto;max-width:960px;padding:24px 16px;background:var(--page);color:var(--text);
font:15px/22px system-ui,sans-serif;font-variant-numeric:tabular-nums}
h1{font-size:22px;line-height:30px}h2{font-size:18px}h3{font-size:15px;margin:16px 0 4px}
article{margin:16px 0;padding:16px;border:1px solid var(--line);border-radius:10px;background:var(--panel)}
.muted{color:var(--muted)}.small{font-size:13px}
dl{display:flex;flex-wrap:wrap;gap:8px 24px;margin:8px 0}dt{font-size:13px;color:var(--muted)}dd{margin:0}
.pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(260px,100%),1fr));gap:16px}
ol{margin:0;padding:0;list-style:none}.list li{display:flex;justify-content:space-between;gap:8px;font-size:13px}
.mono,.tokens{font-family:ui-monospace,Menlo,Consolas,monospace;overflow-wrap:anywhere}
.list .mono{white-space:pre;overflow:hidden;text-overflow:ellipsis}.up{color:var(--up)}.down{color:var(--down)}
.example{display:grid;grid-template-columns:64px minmax(0,1fr);gap:8px;padding:6px 0;border-top:1px solid var(--line)}
.act{font-size:13px;line-height:24px;text-align:right;color:var(--muted)}
.tokens{font-size:14px;line-height:24px;white-space:pre-wrap}.tokens span{border-radius:3px}
.peak{outline:1px solid var(--edge);font-weight:700}.special{color:var(--muted)}.rest{padding-right:.3em}
${fills}
.near .far{display:none}
img,.crop{max-width:100%;max-height:160px}audio{width:100%}
summary{cursor:pointer;padding:4px 0}
input,button{font:inherit;min-height:34px;padding:0 10px;border:1px solid var(--edge);border-radius:6px;
background:var(--page);color:var(--text)}
:focus-visible{outline:2px solid var(--focus);outline-offset:2px}
.tools{display:flex;flex-wrap:wrap;gap:8px}.chart-bar{fill:var(--high)}svg{max-width:100%;height:auto}
.chart-axis text{fill:var(--muted);font-size:12px}.chart-axis line{stroke:var(--line)}.chart-axis path{stroke:none;fill:none}
table{width:100%;border-collapse:collapse;font-size:13px}th,td{padding:4px 8px;text-align:right;border-bottom:1px solid var(--line)}
th:last-child,td:last-child{text-align:left;overflow-wrap:anywhere}a{color:var(--up)}
@media (max-width:639px){input,button{min-height:44px}}
`;

export const PAGE_SCRIPT = `
const near = document.getElementById('near');
near.addEventListener('click', () => {
  const isNear = document.body.classList.toggle('near');
  near.textContent = isNear ? 'Context \\u00b15' : 'Context \\u00b116';
});
const find = document.getElementById('find');
const found = document.getElementById('found');
if (find !== null) {
  const articles = [...document.querySelectorAll('article')];
  const texts = articles.map((article) => article.textContent.toLowerCase());
  find.addEventListener('input', () => {
    const wanted = find.value.trim().toLowerCase();
    let shown = 0;
    articles.forEach((article, i) => {
      article.hidden = !texts[i].includes(wanted);
      if (!article.hidden) shown++;
    });
    found.textContent = shown + ' of ' + articles.length + ' features';
  });
}
`;

/** Of the page that lists every feature. */
export const EXPLORER_SCRIPT = `
const find = document.getElementById('find');
const found = document.getElementById('found');
const rows = [...document.querySelectorAll('tbody tr')];
const texts = rows.map((row) => row.textContent.toLowerCase());
find.addEventListener('input', () => {
  const wanted = find.value.trim().toLowerCase();
  let shown = 0;
  rows.forEach((row, i) => {
    row.hidden = !texts[i].includes(wanted);
    if (!row.hidden) shown++;
  });
  found.textContent = shown + ' of ' + rows.length + ' features';
});
`;
