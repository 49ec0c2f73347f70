import {onAll, useChosen} from '/batch.js';
import {Confirm, useDialog} from '/dialog.js';
import {at, atWith, Badge, Empty, Facts, Field, Head, html, Loaded, Panel, Table, useState, Wrong} from '/view.js';
import {count, span, t, time} from '/words.js';
import {useRows} from '/pages/timers.js';

export function Transactions({query}) {
  const asked = {producerGroup: query.producerGroup, topic: query.topic};
  const [group, setGroup] = useState(query.producerGroup || '');
  const [topic, setTopic] = useState(query.topic || '');
  const {live, rows, more, reload, hasMore} = useRows('/transactions', asked, 3000);
  const {chosen, column, clear} = useChosen(rows, (each) => each.uniqueId || each.id);
  // What has to be typed in: the one name that all of them have, or else how many they are.
  const names = new Set(rows.filter((each) => chosen.includes(each.id)).map((each) => each.producerGroup));
  const named = names.size === 1 ? [...names][0] : String(chosen.length);
  const [asking, open, close] = useDialog();
  const act = async () => {
    try {
      await onAll(`/transactions:${asking}`, chosen, asking === 'commit' ? 'transactions.committed' : 'transactions.rolledBack');
      clear();
    } finally {
      reload();
    }
  };
  const submit = (event) => {
    event.preventDefault();
    location.hash = atWith(['transactions'], {producerGroup: group, topic});
  };
  return html`
    <${Head} title=${t('nav.transactions')} about=${t('transactions.about')} />
    ${live.data && html`<${Panel}><${Facts} items=${[
    [t('transactions.pending'), count(live.data.pending), true],
    [t('transactions.oldest'), rows.length ? span(rows[0].ageSeconds * 1000) : undefined, true],
  ]} /><//>`}
    <${Panel} flush>
      <form class="tools" onSubmit=${submit}>
        <${Field} label=${t('word.producerGroup')} value=${group} onInput=${setGroup} />
        <${Field} label=${t('word.topic')} value=${topic} onInput=${setTopic} />
        <button type="submit" class="primary">${t('act.find')}</button>
        <span class="push note" role="status">${chosen.length ? t('act.chosen', {n: count(chosen.length)}) : ''}</span>
        <button type="button" disabled=${!chosen.length} onClick=${() => open('commit')}>${t('transactions.commit')}</button>
        <button type="button" class="danger" disabled=${!chosen.length} onClick=${() => open('rollback')}>${t('transactions.rollback')}</button>
      </form>
      <${Loaded} live=${live}>${() => html`
        <${Table} label=${t('nav.transactions')} rows=${rows} keyOf=${(each) => each.id} empty=${html`<${Empty} title=${t('transactions.none')}>${t('transactions.noneHint')}<//>`} columns=${[
    column,
    {name: 'group', head: t('word.producerGroup'), cell: (each) => each.producerGroup},
    {name: 'topic', head: t('word.topic'), cell: (each) => html`<a href=${at('topics', each.topic)}>${each.topic}</a>`},
    {name: 'age', head: t('transactions.age'), num: true, cell: (each) => span(each.ageSeconds * 1000)},
    {name: 'checks', head: t('transactions.checks'), num: true, cell: (each) => count(each.checks)},
    {name: 'next', head: t('transactions.nextCheck'), num: true, cell: (each) => (each.nextCheckAt ? time(each.nextCheckAt) : t('transactions.deciding'))},
    {name: 'tag', head: t('message.tag'), cell: (each) => each.tag && html`<${Badge}>${each.tag}<//>`},
    {name: 'keys', head: t('message.keys'), cell: (each) => (each.keys?.length ? html`<code>${each.keys.join(' ')}</code>` : undefined)},
    {name: 'stored', head: t('message.stored'), num: true, cell: (each) => time(each.storedAt)},
    {name: 'id', head: t('message.uniqueId'), cell: (each) => each.uniqueId && html`<code>${each.uniqueId}</code>`},
  ]} />
        <${Wrong} problem=${more.problem} />
        <div class="below"><span class="note" role="status">${t('messages.shown', {n: count(rows.length)})}</span>${hasMore && html`<button type="button" onClick=${() => more.run()} disabled=${more.busy}>${t('act.more')}</button>`}</div>`}<//>
    <//>
    ${asking && html`<${Confirm} title=${t(`transactions.${asking}`)} consequence=${t(`transactions.${asking}Consequence`, {n: count(chosen.length)})} name=${named}
      label=${t(`transactions.${asking}`)} act=${act} onClose=${close} />`}`;
}
