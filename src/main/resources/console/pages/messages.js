import {all, get, path, some, streamAddress} from '/api.js';
import {whenLooking, isPaused, useLive} from '/live.js';
import {at, atWith, Badge, Choice, Empty, Field, Head, html, Icon, Panel, Table, useEffect, useRef, useState, Wrong} from '/view.js';
import {count, fromLocal, t, time, toLocal} from '/words.js';

const MODES = ['newest', 'time', 'key', 'id', 'offset', 'tail'];
const NEWEST = 60;
const MOST_QUEUES = 30;
const MOST_TAILED = 200;
const PREVIEW_CHARS = 160;

/** The beginning of a body, in one line. */
export function preview(message) {
  if (message.body !== undefined) return message.body.slice(0, PREVIEW_CHARS).replace(/\s+/g, ' ');
  if (message.bodyBase64 !== undefined) return t('message.binary', {n: count(message.bodyBytes)});
  return '';
}

/** The columns in which messages are listed. */
const messageColumns = () => [
  {name: 'stored', head: t('message.stored'), by: (each) => each.storedAt, cell: (each) => html`<a href=${at('messages', each.topic, each.id)}>${time(each.storedAt)}</a>`},
  {name: 'queue', head: t('word.queue'), by: (each) => each.queue, cell: (each) => each.queue},
  {name: 'offset', head: t('word.offset'), num: true, by: (each) => each.offset, cell: (each) => count(each.offset)},
  {name: 'tag', head: t('message.tag'), by: (each) => each.tag, cell: (each) => each.tag && html`<${Badge}>${each.tag}<//>`},
  {name: 'keys', head: t('message.keys'), by: (each) => each.keys?.join(' '), cell: (each) => (each.keys?.length ? html`<code>${each.keys.join(' ')}</code>` : undefined)},
  {name: 'body', head: t('message.body'), cell: (each) => html`<span class="preview">${preview(each)}</span>`},
];

/** The newest of each queue, the newest of all first. */
async function newest(topic, signal) {
  const queues = (await get(path`/topics/${topic}/queues`, {signal})).items.filter((each) => each.messages > 0);
  queues.sort((a, b) => String(b.lastStoredAt || '').localeCompare(String(a.lastStoredAt || '')));
  const asked = queues.slice(0, MOST_QUEUES);
  const each = Math.max(2, Math.ceil(NEWEST / Math.max(1, asked.length)));
  const pages = await Promise.all(asked.map((queue) => get(path`/topics/${topic}/messages`, {
    query: {queue: queue.queue, offset: Math.max(queue.minOffset, queue.maxOffset - each), limit: each}, signal})));
  const items = pages.flatMap((page) => page.items).sort((a, b) => b.storedAt.localeCompare(a.storedAt) || b.offset - a.offset);
  return {items, note: t('messages.newestNote', {n: count(each)})};
}

/** What the search finds, from `next` on. */
async function find(wish, next, signal) {
  const browse = (query) => some(path`/topics/${wish.topic}/messages`, {query: {...query, next}, signal});
  switch (wish.mode) {
    case 'newest': return newest(wish.topic, signal);
    case 'time': return browse({from: fromLocal(wish.from), to: fromLocal(wish.to), tag: wish.tag, filter: wish.filter, limit: 50});
    case 'key': return browse({key: wish.key});
    case 'offset': return browse({queue: wish.queue, offset: next ? undefined : wish.offset, limit: 50});
    case 'id': return {items: [await get(path`/topics/${wish.topic}/messages/${wish.id}`, {signal})]};
    default: return {items: []};
  }
}

function Found({wish}) {
  const [more, setMore] = useState([]);
  const [next, setNext] = useState(undefined);
  const [problem, setProblem] = useState(null);
  const live = useLive(async (signal) => {
    const page = await find(wish, undefined, signal);
    setNext(page.next);
    setMore([]);
    return page;
  });
  const goOn = async () => {
    setProblem(null);
    try {
      const page = await find(wish, next);
      setMore((before) => [...before, ...page.items]);
      setNext(page.next);
    } catch (failure) {
      setProblem(failure);
    }
  };
  if (live.problem?.status === 404 && live.data === undefined && wish.mode === 'id') return html`<${Empty} title=${t('messages.noSuch')}>${live.problem.remark}<//>`;
  if (live.data === undefined) return live.problem ? html`<${Wrong} problem=${live.problem} retry=${live.reload} />` : html`<p class="loading" role="status">${t('state.loading')}</p>`;
  const rows = [...live.data.items, ...more];
  return html`
    <${Table} label=${t('nav.messages')} rows=${rows} keyOf=${(each) => each.id} columns=${messageColumns()} empty=${html`<${Empty} title=${t('messages.none')}>${t('messages.noneHint')}<//>`} />
    <${Wrong} problem=${problem} />
    <div class="below"><span class="note" role="status">${t('messages.shown', {n: count(rows.length)})} ${live.data.note || ''}</span>
      ${next && html`<button type="button" onClick=${goOn}>${t('act.more')}</button>`}
      ${wish.mode === 'newest' && html`<button type="button" onClick=${live.reload}>${t('act.refresh')}</button>`}
    </div>`;
}

/** Follows a topic while somebody looks; what came in between comes when they look again. */
function Tail({wish}) {
  const [rows, setRows] = useState([]);
  const [state, setState] = useState('connecting');
  const last = useRef('');
  useEffect(() => {
    let source = null;
    let waiting = [];
    let drawing = 0;
    const draw = () => {
      drawing = 0;
      const news = waiting.reverse();
      waiting = [];
      setRows((before) => [...news, ...before].slice(0, MOST_TAILED));
    };
    const close = () => {
      source?.close();
      source = null;
    };
    const open = () => {
      close();
      source = new EventSource(streamAddress(path`/topics/${wish.topic}/stream`, {tag: wish.tag, filter: wish.filter, next: last.current}));
      source.onopen = () => setState('open');
      source.onerror = () => setState(source?.readyState === EventSource.CLOSED ? 'closed' : 'connecting');
      source.onmessage = (event) => {
        last.current = event.lastEventId;
        waiting.push(JSON.parse(event.data));
        if (waiting.length > MOST_TAILED) waiting.shift();
        drawing ||= requestAnimationFrame(draw);
      };
    };
    const wake = () => {
      if (isPaused() || document.visibilityState !== 'visible') {
        close();
        setState('paused');
      } else if (!source) {
        open();
      }
    };
    wake();
    const forget = whenLooking(wake);
    return () => {
      forget();
      close();
      cancelAnimationFrame(drawing);
    };
  }, []);
  return html`
    <div class="below"><span class=${`health ${state === 'open' ? 'good' : state === 'closed' ? 'bad' : ''}`} role="status"><span class="dot"></span>${t(`tail.${state}`)}</span>
      <span class="note">${t('tail.kept', {n: count(rows.length), most: count(MOST_TAILED)})}</span>
      <button type="button" onClick=${() => setRows([])} disabled=${!rows.length}>${t('tail.clear')}</button></div>
    <${Table} label=${t('messages.tail')} rows=${rows} keyOf=${(each) => each.id} columns=${messageColumns().map((column) => ({...column, by: undefined}))}
      empty=${html`<${Empty} title=${t('tail.none')}>${t('tail.noneHint')}<//>`} />`;
}

export function Messages({query}) {
  const mode = MODES.includes(query.mode) ? query.mode : 'newest';
  const hourAgo = () => toLocal(new Date(Date.now() - 3_600_000));
  const [wish, change] = useState(query);
  useEffect(() => change((before) => ({...before, ...query})), [JSON.stringify(query)]);
  const [round, setRound] = useState(0);
  const topics = useLive((signal) => all('/topics', {query: {kind: 'all'}, signal}));
  const field = (name) => ({value: wish[name] || '', onInput: (text) => change({...wish, [name]: text})});
  const parts = {
    newest: [], time: ['from', 'to', 'tag', 'filter'], key: ['key'], id: ['id'], offset: ['queue', 'offset'], tail: ['tag', 'filter'],
  };
  const ask = (wanted) => {
    const now = wanted === 'time' && mode !== 'time' ? {...wish, from: wish.from || hourAgo()} : wish;
    const asked = {topic: now.topic, mode: wanted};
    for (const name of parts[wanted]) asked[name] = now[name];
    location.hash = atWith(['messages'], asked);
  };
  const submit = (event) => {
    event.preventDefault();
    setRound((n) => n + 1);
    ask(mode);
  };
  const ready = query.topic && parts[mode].every((name) => !['key', 'id', 'queue', 'offset'].includes(name) || query[name]);
  return html`
    <${Head} title=${t('nav.messages')} about=${t('messages.about')} />
    <${Panel} flush>
      <div class="tools"><${Choice} label=${t('messages.mode')} value=${mode} onChoose=${ask} choices=${MODES.map((each) => [each, t(`messages.${each}`)])} /></div>
      <form class="tools" onSubmit=${submit}>
        <${Field} label=${t('word.topic')} list="topics" required ...${field('topic')} />
        <datalist id="topics">${(topics.data?.items || []).map((each) => html`<option key=${each.name} value=${each.name} />`)}</datalist>
        ${mode === 'time' && html`
          <${Field} label=${t('messages.from')} type="datetime-local" step="1" ...${field('from')} />
          <${Field} label=${t('messages.to')} type="datetime-local" step="1" ...${field('to')} />`}
        ${(mode === 'time' || mode === 'tail') && html`
          <${Field} label=${t('message.tag')} placeholder="a || b" disabled=${Boolean(wish.filter)} ...${field('tag')} />
          <${Field} label=${t('messages.filter')} placeholder="region = 'eu'" disabled=${Boolean(wish.tag)} ...${field('filter')} />`}
        ${mode === 'key' && html`<${Field} label=${t('message.key')} hint=${t('messages.keyHint')} required ...${field('key')} />`}
        ${mode === 'id' && html`<${Field} label=${t('message.id')} hint=${t('messages.idHint')} required ...${field('id')} />`}
        ${mode === 'offset' && html`
          <${Field} label=${t('word.queue')} type="number" min="0" required ...${field('queue')} />
          <${Field} label=${t('word.offset')} type="number" min="0" required ...${field('offset')} />`}
        <button type="submit" class="primary"><${Icon} name=${mode === 'tail' ? 'play' : 'messages'} />${mode === 'tail' ? t('tail.start') : t('act.find')}</button>
      </form>
      ${ready
    ? html`<${mode === 'tail' ? Tail : Found} key=${JSON.stringify(query) + round} wish=${{...query, mode}} />`
    : html`<${Empty} title=${t('messages.ask')}>${t('messages.askHint')}<//>`}
    <//>`;
}
