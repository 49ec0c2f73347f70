import {some} from '/api.js';
import {onAll, useChosen} from '/batch.js';
import {Confirm, useDialog} from '/dialog.js';
import {useLive} from '/live.js';
import {at, atWith, Badge, Choice, Empty, Facts, Field, Head, html, Loaded, Panel, Table, useAct, useEffect, useState, Wrong} from '/view.js';
import {bytes, count, span, t, time} from '/words.js';

const PAGE = 100;

/** The first page of a list, kept fresh, and those behind it that were asked for: {live, rows, more, hasMore, reload}. */
export function useRows(target, query, everyMillis) {
  const [older, setOlder] = useState({items: [], next: undefined});
  const fetchFrom = (next, signal) => some(target, {query: {...query, limit: PAGE, next}, signal});
  const live = useLive((signal) => fetchFrom(undefined, signal), everyMillis, [JSON.stringify(query)]);
  useEffect(() => setOlder({items: [], next: undefined}), [JSON.stringify(query)]);
  const more = useAct(async () => {
    const page = await fetchFrom(older.items.length ? older.next : live.data.next);
    setOlder({items: [...older.items, ...page.items], next: page.next});
  });
  const reload = () => {
    setOlder({items: [], next: undefined});
    live.reload();
  };
  const seen = new Set();
  const rows = [...(live.data?.items || []), ...older.items].filter((each) => !seen.has(each.id) && seen.add(each.id));
  return {live, rows, more, reload, hasMore: Boolean(older.items.length ? older.next : live.data?.next)};
}

export function Timers({query}) {
  const asked = {kind: query.kind, topic: query.topic};
  const [topic, setTopic] = useState(query.topic || '');
  const {live, rows, more, reload, hasMore} = useRows('/timers', asked, 3000);
  const able = rows.filter((each) => each.kind === 'time' && !each.recalled);
  const {chosen, column, clear} = useChosen(able, (each) => each.uniqueId || each.id);
  // What has to be typed in: the one name that all of them have, or else how many they are.
  const names = new Set(rows.filter((each) => chosen.includes(each.id)).map((each) => each.topic));
  const named = names.size === 1 ? [...names][0] : String(chosen.length);
  const [asking, open, close] = useDialog();
  const act = async () => {
    try {
      await onAll(asking === 'recall' ? '/timers:recall' : '/timers:deliver', chosen, asking === 'recall' ? 'timers.recalled' : 'timers.delivered');
      clear();
    } finally {
      reload();
    }
  };
  const go = (wanted) => {
    location.hash = atWith(['timers'], wanted);
  };
  const submit = (event) => {
    event.preventDefault();
    go({...asked, topic});
  };
  return html`
    <${Head} title=${t('nav.timers')} about=${t('timers.about')} />
    ${live.data && html`<${Panel}><${Facts} items=${[
    [t('timers.time'), count(live.data.pending.time), true],
    [t('timers.level'), count(live.data.pending.level), true],
  ]} /><//>`}
    <${Panel} flush>
      <form class="tools" onSubmit=${submit}>
        <${Choice} label=${t('timers.kind')} value=${query.kind || ''} onChoose=${(kind) => go({...asked, kind})} choices=${[['', t('kind.all')], ['time', t('timers.time')], ['level', t('timers.level')]]} />
        <${Field} label=${t('word.topic')} value=${topic} onInput=${setTopic} />
        <button type="submit" class="primary">${t('act.find')}</button>
        <span class="push note" role="status">${chosen.length ? t('act.chosen', {n: count(chosen.length)}) : ''}</span>
        <button type="button" disabled=${!chosen.length} onClick=${() => open('deliver')}>${t('timers.deliver')}</button>
        <button type="button" class="danger" disabled=${!chosen.length} onClick=${() => open('recall')}>${t('timers.recall')}</button>
      </form>
      <${Loaded} live=${live}>${() => html`
        <${Table} label=${t('nav.timers')} rows=${rows} keyOf=${(each) => each.id} empty=${html`<${Empty} title=${t('timers.none')}>${t('timers.noneHint')}<//>`} columns=${[
    {...column, cell: (each) => (able.includes(each) ? column.cell(each) : '')},
    {name: 'at', head: t('timers.at'), num: true, cell: (each) => time(each.deliverAt)},
    {name: 'in', head: t('timers.in'), num: true, cell: (each) => span(Date.parse(each.deliverAt) - Date.now())},
    {name: 'topic', head: t('word.topic'), cell: (each) => html`<a href=${at('topics', each.topic)}>${each.topic}</a>`},
    {name: 'kind', head: t('timers.kind'), cell: (each) => html`<span class="badges">${each.kind === 'level' ? t('timers.levelN', {n: each.level}) : t('timers.time')}${each.recalled ? html`<${Badge} tone="warn">${t('timers.isRecalled')}<//>` : ''}</span>`},
    {name: 'tag', head: t('message.tag'), cell: (each) => each.tag && html`<${Badge}>${each.tag}<//>`},
    {name: 'keys', head: t('message.keys'), cell: (each) => (each.keys?.length ? html`<code>${each.keys.join(' ')}</code>` : undefined)},
    {name: 'size', head: t('message.size'), num: true, cell: (each) => bytes(each.sizeBytes)},
    {name: 'id', head: t('message.uniqueId'), cell: (each) => each.uniqueId && html`<code>${each.uniqueId}</code>`},
  ]} />
        <${Wrong} problem=${more.problem} />
        <div class="below"><span class="note" role="status">${t('messages.shown', {n: count(rows.length)})}</span>${hasMore && html`<button type="button" onClick=${() => more.run()} disabled=${more.busy}>${t('act.more')}</button>`}</div>`}<//>
    <//>
    ${asking && html`<${Confirm} title=${t(`timers.${asking}`)} consequence=${t(`timers.${asking}Consequence`, {n: count(chosen.length)})} name=${named}
      label=${t(`timers.${asking}`)} act=${act} onClose=${close} />`}`;
}
