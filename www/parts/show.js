// Small things that many pages show: badges of states, lists of facts, timelines, progress, texts to
// copy, tabs.
import { classes, html, useId, useRef, useSignal } from './html.js';
import { Icon } from './icon.js';
import { instant } from './format.js';
import { texts } from './text.js';
import { say } from './toast.js';
import shell from '../texts/shell.js';

const t = texts(shell);

// tone: good, warn, bad, info, quiet
export const Badge = ({ tone = 'quiet', children }) => html`<span class=${`badge ${tone}`}>${children}</span>`;

// rows: [label, value]; an absent value is left out.
export const Facts = ({ rows, wide }) => html`<dl class=${wide ? 'facts wide' : 'facts'}>
  ${rows.filter((row) => row && row[1] !== null && row[1] !== undefined && row[1] !== '').map(([label, value]) => html`
    <div><dt>${label}</dt><dd>${value}</dd></div>`)}</dl>`;

// events: { at, title, text, tone }, in any order; the newest stands first.
export const Timeline = ({ events }) => html`<ol class="timeline">
  ${[...events].sort((a, b) => (a.at < b.at ? 1 : -1)).map((event) => html`<li class=${event.tone ?? ''}>
    <p class="timeline-title">${event.title}</p>
    ${event.text && html`<p class="timeline-text">${event.text}</p>`}
    <p class="quiet small"><time datetime=${event.at}>${instant(event.at)}</time>${event.who ? ` · ${event.who}` : ''}</p>
  </li>`)}</ol>`;

// `of` 0 or absent: under way, nobody knows how far.
export const Progress = ({ label, value, of }) => {
  const id = useId();
  return html`<div class="progress"><label for=${id}>${label}</label>
    ${of ? html`<progress id=${id} value=${value} max=${of}></progress>` : html`<progress id=${id}></progress>`}</div>`;
};

export function CopyText({ text, label }) {
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      say(t('copied'));
    } catch {
      say(t('notCopied'), 'bad');
    }
  };
  return html`<span class="copy"><code>${text}</code><button type="button" class="button icon-only plain" aria-label=${label ?? t('copy')} onClick=${copy}><${Icon} name="copy" /></button></span>`;
}

// tabs: [{ key, label, content }]; arrows move between them.
export function Tabs({ label, tabs, chosen, onChoose }) {
  const own = useSignal(tabs[0].key);
  const list = useRef(null);
  const base = useId();
  const key = chosen ?? own.value;
  const choose = (next) => (onChoose ? onChoose(next) : (own.value = next));
  const step = (event) => {
    const at = tabs.findIndex((tab) => tab.key === key);
    const move = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 }[event.key];
    if (move === undefined) return;
    event.preventDefault();
    const next = (move + tabs.length) % tabs.length;
    choose(tabs[next].key);
    list.current.children[next].focus();
  };
  const tab = tabs.find((one) => one.key === key) ?? tabs[0];
  return html`<div class="tabs"><div class="tab-list" role="tablist" aria-label=${label} ref=${list} onKeyDown=${step}>
    ${tabs.map((one) => html`<button type="button" role="tab" id=${`${base}-${one.key}`} aria-selected=${String(one === tab)}
      aria-controls=${`${base}-panel`} tabindex=${one === tab ? 0 : -1} class=${classes('tab', one === tab && 'current')}
      onClick=${() => choose(one.key)}>${one.label}</button>`)}</div>
    <div role="tabpanel" id=${`${base}-panel`} aria-labelledby=${`${base}-${tab.key}`} tabindex="0" class="tab-panel">${tab.content()}</div></div>`;
}

// A card with a heading.
export const Card = ({ title, actions, children, className }) => html`<section class=${classes('card', className)}>
  ${title && html`<header class="card-head"><h2>${title}</h2>${actions && html`<div class="actions">${actions}</div>`}</header>`}
  ${children}</section>`;

// A note in the text: tone info, warn, bad, good.
export const Note = ({ tone = 'info', title, children }) => html`<div class=${`note ${tone}`}>
  <${Icon} name=${tone === 'good' ? 'check' : tone === 'info' ? 'info' : 'warning'} />
  <div>${title && html`<p><strong>${title}</strong></p>`}${children}</div></div>`;
