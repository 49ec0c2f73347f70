import {get, path} from '/api.js';
import {useLive} from '/live.js';
import {at, atWith, Badge, Choice, Copied, Empty, Facts, Head, html, Loaded, Panel, Table, useState} from '/view.js';
import {bytes, count, NONE, t, time} from '/words.js';

const MOST_SHOWN = 256 * 1024;
const MOST_HEX = 32 * 1024;
const HEX_ROW = 16;

/** The body as bytes; null when it was not told. */
function bytesOf(message) {
  if (message.body !== undefined) return new TextEncoder().encode(message.body);
  if (message.bodyBase64 === undefined) return null;
  return Uint8Array.from(atob(message.bodyBase64), (each) => each.charCodeAt(0));
}

function hexOf(body) {
  const lines = [];
  for (let from = 0; from < body.length; from += HEX_ROW) {
    const row = [...body.subarray(from, from + HEX_ROW)];
    const hex = row.map((each) => each.toString(16).padStart(2, '0')).join(' ');
    const text = row.map((each) => (each >= 32 && each < 127 ? String.fromCharCode(each) : '.')).join('');
    lines.push(`${from.toString(16).padStart(8, '0')}  ${hex.padEnd(HEX_ROW * 3 - 1)}  ${text}`);
  }
  return lines.join('\n');
}

/** JSON with line breaks, as it is written: numbers and keys stay what they are. Null when it is none. */
function indented(text) {
  try {
    JSON.parse(text);
  } catch {
    return null;
  }
  let made = '';
  let depth = 0;
  const newline = () => `\n${'  '.repeat(depth)}`;
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/gs)) {
    if (token === '{' || token === '[') {
      depth += 1;
      made += token + newline();
    } else if (token === '}' || token === ']') {
      depth -= 1;
      made = /[{[]\s*$/.test(made) ? made.trimEnd() + token : made + newline() + token;
    } else if (token === ',') {
      made += token + newline();
    } else {
      made += token === ':' ? ': ' : token;
    }
  }
  return made;
}

function download(body, name) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([body], {type: 'application/octet-stream'}));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

function Body({message}) {
  const body = bytesOf(message);
  const text = message.body;
  const json = text !== undefined && text.length <= MOST_SHOWN ? indented(text) : null;
  const [form, setForm] = useState(json !== null && /^\s*[[{]/.test(text) ? 'json' : text !== undefined ? 'text' : 'hex');
  if (body === null) return html`<${Panel} title=${t('message.body')}><${Empty} title=${t('message.notShown')} /><//>`;
  const choices = [text !== undefined && ['text', t('body.text')], json !== null && ['json', 'JSON'], ['hex', t('body.hex')]].filter(Boolean);
  const shown = form === 'json' ? json : form === 'text' ? text.slice(0, MOST_SHOWN) : hexOf(body.subarray(0, MOST_HEX));
  const cut = form === 'hex' ? body.length > MOST_HEX : form === 'text' && text.length > MOST_SHOWN;
  return html`<${Panel} title=${t('message.body')} note=${`${bytes(body.length)}${message.contentType ? ` · ${message.contentType}` : ''}`}
    acts=${html`<${Choice} label=${t('body.form')} value=${form} onChoose=${setForm} choices=${choices} /><button type="button" onClick=${() => download(body, message.uniqueId || message.id)}>${t('act.download')}</button>`}>
    ${message.bodyEncoding && html`<p class="note">${t('message.encoded', {encoding: message.bodyEncoding})}</p>`}
    ${body.length ? html`<pre class="body" tabindex="0" aria-label=${t('message.body')}>${shown}</pre>` : html`<${Empty} title=${t('message.empty')} />`}
    ${cut && html`<p class="note">${t('message.cut')}</p>`}
  <//>`;
}

const Properties = ({title, pairs}) => html`<${Panel} title=${title} flush>
  <${Table} label=${title} rows=${Object.entries(pairs || {})} keyOf=${([name]) => name} empty=${html`<${Empty} title=${t('message.noProperties')} />`} columns=${[
  {name: 'name', head: t('word.name'), cell: ([name]) => html`<code>${name}</code>`},
  {name: 'value', head: t('word.value'), wrap: true, cell: ([, value]) => html`<code>${value}</code>`},
]} /><//>`;

function Consumers({message}) {
  const live = useLive(async (signal) => {
    const {items} = await get(path`/topics/${message.topic}/groups`, {signal});
    return Promise.all(items.map(async (each) => {
      const lag = await get(path`/groups/${each.group}/lag`, {query: {topic: message.topic}, signal})
        .catch((problem) => { if (problem.name === 'AbortError') throw problem; return {items: []}; });
      return {...each, queue: lag.items.find((queue) => queue.queue === message.queue)};
    }));
  }, 5000);
  const state = ({queue}) => {
    if (!queue || queue.consumerOffset < 0) return html`<${Badge}>${t('consumed.never')}<//>`;
    if (queue.consumerOffset > message.offset) return html`<${Badge} tone="good">${t('consumed.passed')}<//>`;
    return html`<${Badge} tone="warn">${t('consumed.ahead', {n: count(message.offset - queue.consumerOffset + 1)})}<//>`;
  };
  return html`<${Panel} title=${t('consumed.title')} note=${t('consumed.note')} flush><${Loaded} live=${live}>${(rows) => html`
    <${Table} label=${t('consumed.title')} rows=${rows} keyOf=${(each) => each.group} empty=${html`<${Empty} title=${t('topic.noConsumers')} />`} columns=${[
    {name: 'group', head: t('word.group'), cell: (each) => html`<a href=${at('groups', each.group)}>${each.group}</a>`},
    {name: 'state', head: t('word.state'), cell: state},
    {name: 'offset', head: t('lag.consumerOffset'), num: true, cell: (each) => (each.queue ? count(each.queue.consumerOffset) : NONE)},
    {name: 'members', head: t('group.members'), num: true, cell: (each) => count(each.members)},
  ]} />`}<//><//>`;
}

export function Message({topic, id}) {
  const live = useLive((signal) => get(path`/topics/${topic}/messages/${id}`, {signal}));
  return html`
    <${Head} title=${t('message.title')} of=${topic} ofHref=${atWith(['messages'], {topic})} about=${html`<${Copied} text=${id} />`} />
    <${Loaded} live=${live}>${(message) => html`
      <${Panel}><${Facts} items=${[
    [t('word.topic'), html`<a href=${at('topics', message.topic)}>${message.topic}</a>`],
    [t('word.queue'), html`<a href=${atWith(['messages'], {topic: message.topic, mode: 'offset', queue: message.queue, offset: message.offset})}>${message.queue}</a>`, true],
    [t('word.offset'), count(message.offset), true],
    [t('message.stored'), time(message.storedAt), true],
    [t('message.born'), time(message.bornAt), true],
    [t('message.tag'), message.tag && html`<${Badge}>${message.tag}<//>`],
    [t('message.keys'), message.keys?.length ? html`<code>${message.keys.join(' ')}</code>` : NONE],
    message.messageGroup && [t('message.group'), html`<code>${message.messageGroup}</code>`],
    [t('message.bornHost'), html`<code>${message.bornHost}</code>`],
    [t('message.storeHost'), html`<code>${message.storeHost}</code>`],
    [t('message.reconsumed'), count(message.reconsumeTimes), true],
    [t('message.size'), bytes(message.sizeBytes), true],
    [t('message.uniqueId'), message.uniqueId ? html`<${Copied} text=${message.uniqueId} />` : NONE],
    [t('message.id'), html`<${Copied} text=${message.id} />`],
  ]} wide /><//>
      <${Body} message=${message} />
      <${Consumers} message=${message} />
      <${Properties} title=${t('message.properties')} pairs=${message.properties} />
      <${Properties} title=${t('message.systemProperties')} pairs=${message.systemProperties} />`}<//>`;
}
