// Charts of one series, drawn here, each with its figures as a table behind a toggle.
import { html, useEffect, useId, useSignal } from './html.js';
import { number } from './format.js';
import { texts } from './text.js';
import shell from '../texts/shell.js';

const t = texts(shell);
const small = matchMedia('(width < 40rem)');
const HEIGHT = 220;
const LEFT = 36;
const BOTTOM = 26;
const TOP = 10;

// A round number that is not less, for the top of the axis, in four equal parts.
function roundUp(value) {
  if (value <= 4) return 4;
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 4, 5, 8, 10].map((part) => part * power).find((part) => part >= value && part % 4 === 0) ?? 10 * power;
}

// points: [{ label, value }]; kind: bar or line; `head`: [of the labels, of the values].
export function Chart({ title, hint, points, kind = 'bar', head, show = number }) {
  const asTable = useSignal(false);
  const narrow = useSignal(small.matches);
  useEffect(() => {
    const turn = () => { narrow.value = small.matches; };
    small.addEventListener('change', turn);
    return () => small.removeEventListener('change', turn);
  }, []);
  const width = narrow.value ? 320 : 640; // drawn about as large as it is seen, or letters shrink
  const id = useId();
  const top = roundUp(Math.max(0, ...points.map((point) => point.value)));
  const step = (width - LEFT) / Math.max(points.length, 1);
  const x = (index) => LEFT + step * (index + 0.5);
  const y = (value) => TOP + (HEIGHT - TOP - BOTTOM) * (1 - value / top);
  const every = Math.ceil(points.length / (narrow.value ? 4 : 8));
  const summary = points.map((point) => `${point.label}: ${show(point.value)}`).join('; ');
  return html`<figure class="chart"><figcaption><h3 id=${id}>${title}</h3>${hint && html`<p class="quiet small">${hint}</p>`}</figcaption>
    ${asTable.value ? html`<table class="plain"><caption class="hidden">${title}</caption><thead><tr><th scope="col">${head[0]}</th><th scope="col" class="number">${head[1]}</th></tr></thead>
      <tbody>${points.map((point) => html`<tr><th scope="row">${point.label}</th><td class="number">${show(point.value)}</td></tr>`)}</tbody></table>`
    : html`<svg viewBox=${`0 0 ${width} ${HEIGHT}`} role="img" aria-label=${`${title}. ${summary}`}>
      ${[0, 1, 2, 3, 4].map((part) => html`<g><line class="grid" x1=${LEFT} x2=${width} y1=${y((top * part) / 4)} y2=${y((top * part) / 4)} />
        <text class="axis" x=${LEFT - 6} y=${y((top * part) / 4) + 4} text-anchor="end">${show((top * part) / 4)}</text></g>`)}
      ${kind === 'bar' ? points.map((point, index) => html`<rect class="bar-shape" x=${x(index) - step * 0.32} width=${step * 0.64} y=${y(point.value)} height=${y(0) - y(point.value)} rx="2" />`)
    : html`<polyline class="line-shape" points=${points.map((point, index) => `${x(index)},${y(point.value)}`).join(' ')} />
        ${points.map((point, index) => html`<circle class="dot" cx=${x(index)} cy=${y(point.value)} r="3.5" />`)}`}
      ${points.map((point, index) => (index % every === 0 ? html`<text class="axis" x=${x(index)} y=${HEIGHT - 6} text-anchor="middle">${point.label}</text>` : null))}</svg>`}
    <p><button type="button" class="link small" onClick=${() => { asTable.value = !asTable.value; }}>${t(asTable.value ? 'chartPicture' : 'chartTable')}</button></p></figure>`;
}
