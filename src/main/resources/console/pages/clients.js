import {all} from '/api.js';
import {useLive} from '/live.js';
import {at, atWith, Badge, Choice, Empty, Field, Head, html, Loaded, Panel, Table, useState} from '/view.js';
import {count, t, time} from '/words.js';

const KINDS = ['', 'consumer', 'producer'];

export function Clients({query}) {
  const kind = KINDS.includes(query.kind) ? query.kind : '';
  const [sought, seek] = useState('');
  const live = useLive((signal) => all('/clients', {query: {kind}, signal}), 5000, [kind]);
  const matches = (each) => [each.clientId, each.group, each.address].some((text) => String(text).toLowerCase().includes(sought.toLowerCase()));
  return html`
    <${Head} title=${t('nav.clients')} about=${t('clients.about')} />
    <${Panel} flush>
      <div class="tools">
        <${Choice} label=${t('clients.kind')} value=${kind} onChoose=${(wanted) => { location.hash = atWith(['clients'], {kind: wanted}); }} choices=${KINDS.map((each) => [each, each ? t(`clients.${each}`) : t('kind.all')])} />
        <${Field} label=${t('word.search')} type="search" value=${sought} onInput=${seek} />
      </div>
      <${Loaded} live=${live}>${({items, more}) => {
    const rows = items.filter(matches);
    return html`
        <${Table} label=${t('nav.clients')} rows=${rows} keyOf=${(each) => `${each.kind} ${each.group} ${each.clientId} ${each.address}`}
          empty=${html`<${Empty} title=${sought ? t('state.noneFound') : t('clients.none')}>${!sought && t('clients.noneHint')}<//>`} columns=${[
    {name: 'id', head: t('client.id'), by: (each) => each.clientId, cell: (each) => html`<code>${each.clientId}</code>`},
    {name: 'kind', head: t('clients.kind'), by: (each) => each.kind, cell: (each) => html`<${Badge} tone=${each.kind === 'consumer' ? 'tone-2' : 'tone-1'}>${t(`clients.one.${each.kind}`)}<//>`},
    {name: 'group', head: t('word.group'), by: (each) => each.group, cell: (each) => (each.kind === 'consumer' ? html`<a href=${at('groups', each.group, 'clients')}>${each.group}</a>` : each.group)},
    {name: 'address', head: t('word.address'), by: (each) => each.address, cell: (each) => html`<code>${each.address}</code>`},
    {name: 'language', head: t('client.language'), by: (each) => each.language, cell: (each) => each.language},
    {name: 'version', head: t('client.version'), num: true, by: (each) => each.version, cell: (each) => each.version},
    {name: 'seen', head: t('client.seen'), num: true, by: (each) => each.seenAt, cell: (each) => time(each.seenAt)},
  ]} />
        <div class="below"><span class="note">${more ? t('state.more', {n: count(items.length)}) : t('clients.shown', {n: count(rows.length)})}</span></div>`;
  }}<//>
    <//>`;
}
