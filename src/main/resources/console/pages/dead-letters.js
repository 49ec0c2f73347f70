import {all, get, path, post, remove, some} from '/api.js';
import {useChosen} from '/batch.js';
import {Confirm, say, useDialog} from '/dialog.js';
import {useLive} from '/live.js';
import {at, atWith, Badge, Empty, Facts, Field, Head, html, Loaded, options, Panel, Table, useAct, useEffect, useRef, useState, Wrong} from '/view.js';
import {count, fromLocal, t, time} from '/words.js';
import {preview} from '/pages/messages.js';

const PARTS = ['topic', 'key', 'tag', 'filter', 'from', 'to'];
const MOST_GROUPS = 100;
const PREFIX = '%DLQ%';
const TONES = {running: 'info', done: 'good', stopped: 'warn', failed: 'bad'};

/** The filter as the API takes it. */
function filterOf(query) {
  const made = {};
  for (const name of PARTS) if (query[name]) made[name] = name === 'from' || name === 'to' ? fromLocal(query[name]) : query[name];
  return made;
}

/** The groups that had dead letters, and how many there are; the first hundred of them. */
export async function deadLetterGroups(signal) {
  const {items} = await all('/topics', {query: {kind: 'dlq'}, signal, most: MOST_GROUPS});
  return Promise.all(items.slice(0, MOST_GROUPS).map(async (topic) => {
    const queues = await get(path`/topics/${topic.name}/queues`, {signal});
    return {group: topic.name.slice(PREFIX.length), messages: queues.items.reduce((sum, each) => sum + each.messages, 0)};
  }));
}

function Groups() {
  const live = useLive(deadLetterGroups, 10_000);
  return html`<${Panel} title=${t('dead.groups')} flush><${Loaded} live=${live}>${(rows) => html`
    <${Table} label=${t('dead.groups')} rows=${rows} keyOf=${(each) => each.group} sorted=${{column: 'messages', down: true}}
      empty=${html`<${Empty} title=${t('dead.noGroups')}>${t('dead.noGroupsHint')}<//>`} columns=${[
    {name: 'group', head: t('word.group'), by: (each) => each.group, cell: (each) => html`<a href=${atWith(['dead-letters'], {group: each.group})}>${each.group}</a>`},
    {name: 'messages', head: t('nav.dead-letters'), num: true, by: (each) => each.messages, cell: (each) => count(each.messages)},
  ]} />`}<//><//>`;
}

/** The redrive that runs, or that ran last; `own` when it was started here. */
function Progress({group, own, onEnd}) {
  const none = useRef(false);
  const live = useLive(async (signal) => {
    if (none.current) return null;
    const now = await get(path`/groups/${group}/dlq:redrive`, {signal});
    if (now.state !== 'none') return now;
    none.current = !own; // The broker has started anew since; nothing comes of asking again.
    return null;
  }, own ? 2000 : 5000);
  const state = live.data?.state;
  const ran = useRef(own);
  useEffect(() => {
    if (state && state !== 'running' && ran.current) onEnd();
    ran.current = state === 'running' || (own && !state);
  }, [state]);
  const stop = useAct(async () => {
    await remove(path`/groups/${group}/dlq:redrive`);
    live.reload();
  });
  const now = live.data;
  if (!now) return live.problem ? html`<${Wrong} problem=${live.problem} />` : null;
  return html`<${Panel} title=${t('redrive.title')} note=${html`<${Badge} tone=${TONES[now.state]}>${t(`redrive.${now.state}`)}<//>`}
    acts=${now.state === 'running' && html`<button type="button" onClick=${() => stop.run()} disabled=${stop.busy}>${t('redrive.stop')}</button>`}>
    <${Wrong} problem=${stop.problem} />
    <progress max=${Math.max(1, now.total)} value=${now.state === 'done' ? Math.max(1, now.total) : now.scanned} aria-label=${t('redrive.title')}></progress>
    <${Facts} items=${[
    [t('redrive.sent'), count(now.sent), true],
    [t('redrive.failed'), count(now.failed), true],
    [t('redrive.skipped'), count(now.skipped), true],
    [t('redrive.scanned'), `${count(now.scanned)} / ${count(now.total)}`, true],
    [t('redrive.rate'), t('unit.perSecond', {value: count(now.ratePerSecond)}), true],
    [t('redrive.target'), t(`redrive.to.${now.target}`)],
    [t('redrive.startedAt'), time(now.startedAt), true],
    now.endedAt && [t('redrive.endedAt'), time(now.endedAt), true],
  ]} />
    ${now.remark && html`<p>${now.remark}</p>`}
    ${now.failures?.length ? html`<ul class="plain">${now.failures.map((each) => html`<li key=${each.id}><code>${each.id}</code> ${each.remark}</li>`)}</ul>` : ''}
  <//>`;
}

function Redrive({group, filter, ids, onStarted}) {
  const [target, setTarget] = useState('group');
  const [rate, setRate] = useState('100');
  const [again, setAgain] = useState(false);
  const [matched, setMatched] = useState(null);
  const [asking, open, close] = useDialog();
  const chosen = ids.length > 0;
  const wish = () => ({...(chosen ? {ids} : filter), target, ratePerSecond: Number(rate), again});
  useEffect(() => setMatched(null), [JSON.stringify(wish())]);
  const look = useAct(async () => setMatched(await post(path`/groups/${group}/dlq:redrive`, {...wish(), dryRun: true})));
  const start = async () => {
    await post(path`/groups/${group}/dlq:redrive`, asking.wanted);
    setMatched(null);
    say(t('redrive.started', {group}));
    onStarted();
  };
  const submit = (event) => {
    event.preventDefault();
    look.run();
  };
  return html`<${Panel} title=${chosen ? t('redrive.chosen', {n: count(ids.length)}) : t('redrive.all')}>
    <form onSubmit=${submit}>
      <div class="fields">
        <${Field} label=${t('redrive.target')} hint=${t(`redrive.hint.${target}`)} type="select" value=${target} onInput=${setTarget}>${options([['group', t('redrive.to.group')], ['topic', t('redrive.to.topic')]], target)}<//>
        <${Field} label=${t('redrive.rate')} hint=${t('redrive.rateHint')} type="number" min="1" max="10000" value=${rate} onInput=${setRate} required />
        <${Field} label=${t('redrive.again')} type="checkbox" value=${again} onInput=${setAgain} wide />
      </div>
      ${filter.key && !chosen && html`<p class="note">${t('redrive.notByKey')}</p>`}
      <${Wrong} problem=${look.problem} />
      <div class="form-acts">
        <button type="submit" disabled=${look.busy || (filter.key && !chosen)}>${look.busy ? t('state.working') : t('redrive.preview')}</button>
        <button type="button" class="primary" disabled=${!matched?.matched} onClick=${() => open({wanted: wish(), matched: matched.matched})}>${t('redrive.go')}</button>
        <span role="status">${matched && t(matched.complete ? 'redrive.matched' : 'redrive.matchedAtLeast', {n: count(matched.matched), skipped: count(matched.skipped)})}</span>
      </div>
    </form>
    ${asking && html`<${Confirm} title=${t('redrive.title')} name=${group} label=${t('redrive.go')} act=${start} onClose=${close}
      consequence=${t(`redrive.consequence.${asking.wanted.target}`, {n: count(asking.matched)})} />`}
  <//>`;
}

function List({group, query}) {
  const filter = filterOf(query);
  const [more, setMore] = useState({items: [], next: undefined});
  const [round, setRound] = useState(0);
  const load = (next, signal) => some(path`/groups/${group}/dlq`, {query: {...filter, limit: 50, next}, signal});
  const live = useLive(async (signal) => {
    const page = await load(undefined, signal);
    setMore({items: [], next: page.next});
    return page;
  }, 0, [JSON.stringify(filter)]);
  const goOn = useAct(async () => {
    const page = await load(more.next);
    setMore({items: [...more.items, ...page.items], next: page.next});
  });
  const rows = [...(live.data?.items || []), ...more.items];
  const {chosen, column, clear} = useChosen(rows, (each) => each.id);
  return html`
    ${(round > 0 || rows.some((each) => each.redriven)) && html`<${Progress} key=${round} group=${group} own=${round > 0} onEnd=${() => { clear(); live.reload(); }} />`}
    ${rows.length > 0 && html`<${Redrive} group=${group} filter=${filter} ids=${chosen} onStarted=${() => setRound(round + 1)} />`}
    <${Panel} flush>
      <${Loaded} live=${live}>${() => html`
        <${Table} label=${t('nav.dead-letters')} rows=${rows} keyOf=${(each) => each.id} empty=${html`<${Empty} title=${t('dead.none')}>${Object.keys(filter).length ? t('dead.noneFiltered') : ''}<//>`} columns=${[
    column,
    {name: 'stored', head: t('message.stored'), by: (each) => each.storedAt, cell: (each) => html`<a href=${at('messages', each.topic, each.id)}>${time(each.storedAt)}</a>`},
    {name: 'origin', head: t('dead.origin'), by: (each) => each.originTopic, cell: (each) => each.originTopic && html`<a href=${at('topics', each.originTopic)}>${each.originTopic}</a>`},
    {name: 'attempts', head: t('dead.attempts'), num: true, by: (each) => each.reconsumeTimes, cell: (each) => count(each.reconsumeTimes)},
    {name: 'tag', head: t('message.tag'), by: (each) => each.tag, cell: (each) => each.tag && html`<${Badge}>${each.tag}<//>`},
    {name: 'keys', head: t('message.keys'), by: (each) => each.keys?.join(' '), cell: (each) => (each.keys?.length ? html`<code>${each.keys.join(' ')}</code>` : undefined)},
    {name: 'state', head: t('word.state'), by: (each) => each.redriven, cell: (each) => (each.redriven ? html`<${Badge} tone="good">${t('dead.redriven')}<//>` : html`<${Badge} tone="warn">${t('dead.waits')}<//>`)},
    {name: 'body', head: t('message.body'), cell: (each) => html`<span class="preview">${preview(each)}</span>`},
  ]} />
        <${Wrong} problem=${goOn.problem} />
        <div class="below"><span class="note" role="status">${t('messages.shown', {n: count(rows.length)})}</span>
          ${more.next && html`<button type="button" onClick=${() => goOn.run()} disabled=${goOn.busy}>${t('act.more')}</button>`}
          <button type="button" onClick=${live.reload}>${t('act.refresh')}</button></div>`}<//>
    <//>`;
}

export function DeadLetters({query}) {
  const [wish, change] = useState(query);
  useEffect(() => change(query), [JSON.stringify(query)]);
  const known = useLive(async (signal) => (await all('/groups', {signal})).items.map((each) => each.name));
  const field = (name) => ({value: wish[name] || '', onInput: (text) => change({...wish, [name]: text})});
  const submit = (event) => {
    event.preventDefault();
    location.hash = atWith(['dead-letters'], wish);
  };
  return html`
    <${Head} title=${t('nav.dead-letters')} of=${query.group && t('dead.groups')} ofHref=${at('dead-letters')} about=${query.group ? t('dead.aboutGroup', {group: query.group}) : t('dead.about')} />
    <${Panel} flush><form class="tools" onSubmit=${submit}>
      <${Field} label=${t('word.group')} list="groups" required ...${field('group')} />
      <datalist id="groups">${(known.data || []).map((each) => html`<option key=${each} value=${each} />`)}</datalist>
      <${Field} label=${t('dead.origin')} ...${field('topic')} />
      <${Field} label=${t('message.tag')} placeholder="a || b" disabled=${Boolean(wish.filter || wish.key)} ...${field('tag')} />
      <${Field} label=${t('messages.filter')} placeholder="region = 'eu'" disabled=${Boolean(wish.tag || wish.key)} ...${field('filter')} />
      <${Field} label=${t('message.key')} disabled=${Boolean(wish.tag || wish.filter)} ...${field('key')} />
      <${Field} label=${t('messages.from')} type="datetime-local" step="1" ...${field('from')} />
      <${Field} label=${t('messages.to')} type="datetime-local" step="1" ...${field('to')} />
      <button type="submit" class="primary">${t('act.find')}</button>
    </form><//>
    ${query.group ? html`<${List} key=${query.group} group=${query.group} query=${query} />` : html`<${Groups} />`}`;
}
