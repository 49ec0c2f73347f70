// The parts that pages are made of. Whatever is put into a template becomes a text node or a property, never markup.

import {Component, html, useEffect, useRef, useState} from '/lib/htm.js';
import {NONE, t} from '/words.js';

export {Component, html, useEffect, useRef, useState};

/** Address of a page of the console. */
export function at(...steps) {
  return `#/${steps.map(encodeURIComponent).join('/')}`;
}

/** Address of a page with what it should show. */
export function atWith(steps, query) {
  const wanted = Object.entries(query).filter(([, value]) => value !== undefined && value !== null && value !== '');
  return at(...steps) + (wanted.length ? `?${new URLSearchParams(wanted)}` : '');
}

export function Icon({name}) {
  const drawn = ICONS[name];
  return html`<svg class="icon" viewBox="0 0 20 20" aria-hidden="true"><path d=${drawn} /></svg>`;
}

const ICONS = {
  overview: 'M3 12h3l2-6 4 10 2-4h3',
  topics: 'M3 5h14M3 10h14M3 15h14',
  groups: 'M7 9a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5zM2.500 16c0-3 2-4.500 4.500-4.500s4.500 1.500 4.500 4.500M13 5a2.200 2.200 0 0 1 0 4.200M14.500 12c1.800.600 3 2 3 4',
  messages: 'M3 5h14v10H3zM3 6l7 5 7-5',
  'dead-letters': 'M3 5h14v10H3zM7.500 8l5 4.500M12.500 8l-5 4.500',
  timers: 'M10 17a6.500 6.500 0 1 0 0-13 6.500 6.500 0 0 0 0 13zM10 7v3.500l2.500 1.500M8 2h4',
  transactions: 'M4 7h12l-3-3M16 13H4l3 3',
  clients: 'M3 4h14v9H3zM7 16.500h6M10 13v3.500',
  brokers: 'M3 4h14v5H3zM3 11h14v5H3zM6 6.500h.010M6 13.500h.010',
  api: 'M7 5l-4 5 4 5M13 5l4 5-4 5',
  menu: 'M3 6h14M3 10h14M3 14h14',
  play: 'M6 4l9 6-9 6z',
  pause: 'M7 4v12M13 4v12',
  theme: 'M10 3a7 7 0 1 0 0 14zM10 3a7 7 0 0 1 0 14',
};

/** The head of a page: what it shows, of what, and what can be done. */
export function Head({title, of, ofHref, about, children}) {
  useEffect(() => {
    document.title = `${title} · Vostok`;
  }, [title]);
  return html`<header class="head">
    <div class="head-words">
      ${of && html`<a class="back" href=${ofHref}>${of}</a>`}
      <h1 tabindex="-1" id="title">${title}</h1>
      ${about && html`<p class="about">${about}</p>`}
    </div>
    ${children && html`<div class="head-acts">${children}</div>`}
  </header>`;
}

export function Panel({title, note, acts, children, flush}) {
  return html`<section class=${`panel${flush ? ' flush' : ''}`}>
    ${title && html`<div class="panel-head"><h2>${title}</h2>${note && html`<span class="note">${note}</span>`}${acts && html`<div class="acts">${acts}</div>`}</div>`}
    ${children}
  </section>`;
}

/** What the server says: names in it are between backticks. */
export const Told = ({words}) => String(words).split('`').map((part, i) => (i % 2 ? html`<code key=${i}>${part}</code>` : part));

/** What went wrong, as the server told it. */
export function Wrong({problem, retry}) {
  if (!problem) return null;
  const unreached = problem.status === 0;
  return html`<div class="wrong" role="alert">
    <p class="wrong-remark">${unreached ? t('problem.unreached') : html`<${Told} words=${problem.remark || problem.message} />`}</p>
    ${problem.hint && html`<p><${Told} words=${problem.hint} /></p>`}
    ${problem.status ? html`<p class="dim">HTTP ${problem.status}${problem.code === undefined ? '' : ` · ${t('problem.code', {code: problem.code})}`}</p>` : ''}
    ${retry && html`<button type="button" onClick=${retry}>${t('act.retry')}</button>`}
  </div>`;
}

/** Shows `children(data)` of what `useLive` gave, and what is in the way of that. */
export function Loaded({live, children}) {
  if (live.data === undefined) {
    if (live.problem) return html`<${Wrong} problem=${live.problem} retry=${live.reload} />`;
    return html`<p class="loading" role="status">${t('state.loading')}</p>`;
  }
  return html`${live.problem && html`<${Wrong} problem=${live.problem} retry=${live.reload} />`}${children(live.data)}`;
}

export const Empty = ({title, children}) => html`<div class="empty"><p class="empty-title">${title}</p>${children && html`<p>${children}</p>`}</div>`;

export const Badge = ({tone, children}) => html`<span class=${`badge ${tone || ''}`}>${children}</span>`;

/** A term and what it is, in pairs. */
export const Facts = ({items, wide}) => html`<dl class=${wide ? 'facts wide' : 'facts'}>
  ${items.filter(Boolean).map(([term, value, numeric]) => html`<div key=${term}><dt>${term}</dt><dd class=${numeric ? 'num' : ''}>${value ?? NONE}</dd></div>`)}
</dl>`;

function compare(a, b) {
  if (a === b) return 0;
  if (a === undefined || a === null) return -1;
  if (b === undefined || b === null) return 1;
  return typeof a === 'number' && typeof b === 'number' ? a - b : String(a).localeCompare(String(b));
}

/**
 * A table that scrolls inside of its box. A column is {name, head, cell(row), num, by(row), wrap}: with `by` one can sort.
 * The first column names its row.
 */
export function Table({label, columns, rows, keyOf, empty, sorted}) {
  const [order, setOrder] = useState(sorted || null);
  if (!rows.length) return empty || html`<${Empty} title=${t('state.nothing')} />`;
  const by = order && columns.find((column) => column.name === order.column)?.by;
  const shown = by ? [...rows].sort((a, b) => (order.down ? -1 : 1) * compare(by(a), by(b))) : rows;
  const turn = (column) => setOrder(order?.column === column.name
    ? {column: column.name, down: !order.down}
    : {column: column.name, down: Boolean(column.num)});
  const direction = (column) => (order?.column === column.name ? (order.down ? 'descending' : 'ascending') : undefined);
  return html`<div class="scroll" tabindex="0" role="region" aria-label=${label}>
    <table>
      <thead><tr>${columns.map((column) => html`<th key=${column.name} scope="col" class=${column.num ? 'num' : ''} aria-sort=${direction(column)}>
        ${column.by
    ? html`<button type="button" class="sort" onClick=${() => turn(column)}>${column.head}<span aria-hidden="true">${{ascending: ' ↑', descending: ' ↓'}[direction(column)] || ''}</span></button>`
    : column.head}
      </th>`)}</tr></thead>
      <tbody>${shown.map((row) => html`<tr key=${keyOf(row)}>${columns.map((column, i) => {
    const kind = `${column.num ? 'num' : ''}${column.wrap ? ' wrap' : ''}`;
    return i === 0
      ? html`<th key=${column.name} scope="row" class=${kind}>${column.cell(row)}</th>`
      : html`<td key=${column.name} class=${kind}>${column.cell(row) ?? NONE}</td>`;
  })}</tr>`)}</tbody>
    </table>
  </div>`;
}

let fieldIds = 0;

/** An input with its label. `children` instead of an input: the options of a select. */
export function Field({label, hint, type = 'text', value, onInput, children, wide, ...rest}) {
  const own = useRef(null);
  own.current ??= `field-${fieldIds += 1}`;
  const id = own.current;
  const shared = {id, value, 'aria-describedby': hint ? `${id}-hint` : undefined, ...rest};
  const changed = (event) => onInput(event.target.value);
  if (type === 'checkbox') {
    return html`<div class="field check"><input ...${rest} id=${id} type="checkbox" checked=${value} onChange=${(event) => onInput(event.target.checked)} aria-describedby=${shared['aria-describedby']} />
      <label for=${id}>${label}</label>${hint && html`<p class="hint" id=${`${id}-hint`}>${hint}</p>`}</div>`;
  }
  const input = type === 'select'
    ? html`<select ...${shared} onChange=${changed}>${children}</select>`
    : type === 'textarea'
      ? html`<textarea ...${shared} onInput=${changed} spellcheck="false"></textarea>`
      : html`<input ...${shared} type=${type} onInput=${changed} autocomplete="off" spellcheck="false" />`;
  return html`<div class=${`field${wide ? ' wide' : ''}`}><label for=${id}>${label}</label>${input}${hint && html`<p class="hint" id=${`${id}-hint`}>${hint}</p>`}</div>`;
}

export const options = (pairs, value) => pairs.map(([each, words]) => html`<option key=${each} value=${each} selected=${each === value}>${words}</option>`);

/** Links among which one is shown. */
export function Tabs({label, tabs, now}) {
  const own = useRef(null);
  useEffect(() => {
    const shown = own.current.querySelector('[aria-current]');
    own.current.scrollLeft = shown.offsetLeft - own.current.offsetLeft - 40; // Narrow screens do not show all of them.
  }, [now]);
  return html`<nav class="tabs" aria-label=${label} ref=${own}>
  ${tabs.map(([name, words, href]) => html`<a key=${name} href=${href} aria-current=${name === now ? 'page' : undefined}>${words}</a>`)}
</nav>`;
}

/** Buttons of which one is pressed. */
export const Choice = ({label, choices, value, onChoose}) => html`<div class="choice" role="group" aria-label=${label}>
  ${choices.map(([each, words]) => html`<button key=${each} type="button" aria-pressed=${each === value} onClick=${() => onChoose(each)}>${words}</button>`)}
</div>`;

export function Copied({text, children}) {
  const [done, setDone] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setDone(true);
    setTimeout(() => setDone(false), 1500);
  };
  return html`<span class="copied"><code>${children || text}</code>${navigator.clipboard && html`<button type="button" class="quiet" onClick=${copy}>${done ? t('act.copied') : t('act.copy')}</button>`}</span>`;
}

/** Runs what a button or form does: {busy, problem, run}. While it runs, it cannot be started again. */
export function useAct(act) {
  const [state, setState] = useState({busy: false});
  const run = async (...given) => {
    if (state.busy) return;
    setState({busy: true});
    try {
      await act(...given);
      setState({busy: false});
    } catch (problem) {
      setState({busy: false, problem});
    }
  };
  return {...state, run};
}

/** Lines of `name=value` as an object; undefined when there are none. */
export function pairsOf(text) {
  const made = {};
  for (const line of text.split('\n')) {
    if (!line.trim()) continue;
    const split = line.indexOf('=');
    if (split <= 0) throw new TypeError(t('problem.pair', {line}));
    made[line.slice(0, split).trim()] = line.slice(split + 1).trim();
  }
  return Object.keys(made).length ? made : undefined;
}

export const linesOf = (pairs) => Object.entries(pairs || {}).map(([name, value]) => `${name}=${value}`).join('\n');
