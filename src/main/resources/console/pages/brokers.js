import {get, patch, path} from '/api.js';
import {FormDialog, say, useDialog} from '/dialog.js';
import {useLive} from '/live.js';
import {at, Badge, Empty, Facts, Field, Head, html, Loaded, Panel, Table, Tabs, useState} from '/view.js';
import {bytes, count, NONE, percent, rate, span, t, time} from '/words.js';

const TABS = ['figures', 'settings', 'documentation'];

export const Brokers = ({name, tab}) => (name ? html`<${Broker} key=${name} name=${name} tab=${tab} />` : html`<${Cluster} />`);

function Cluster() {
  const live = useLive((signal) => get('/cluster', {signal}), 5000);
  const state = (each) => {
    if (each.self) return html`<${Badge} tone="info">${t('broker.self')}<//>`;
    if (each.alive === false) return html`<${Badge} tone="bad">${t('broker.dead')}<//>`;
    return each.alive ? html`<${Badge} tone="good">${t('broker.alive')}<//>` : NONE;
  };
  return html`
    <${Head} title=${t('nav.brokers')} about=${live.data && t(live.data.source === 'nameserver' ? 'cluster.byNameServer' : 'cluster.byBroker', {name: live.data.name})} />
    <${Panel} flush><${Loaded} live=${live}>${(data) => html`
      <${Table} label=${t('nav.brokers')} rows=${data.brokers} keyOf=${(each) => `${each.name} ${each.id}`} columns=${[
    {name: 'name', head: t('word.broker'), by: (each) => each.name, cell: (each) => (each.self === false ? each.name : html`<a href=${at('brokers', each.name)}>${each.name}</a>`)},
    {name: 'id', head: t('broker.id'), num: true, by: (each) => each.id, cell: (each) => each.id},
    {name: 'address', head: t('word.address'), by: (each) => each.address, cell: (each) => html`<code>${each.address}</code>`},
    {name: 'cluster', head: t('word.cluster'), by: (each) => each.cluster, cell: (each) => each.cluster ?? data.name},
    {name: 'state', head: t('word.state'), cell: state},
    {name: 'topics', head: t('nav.topics'), num: true, by: (each) => each.topics, cell: (each) => count(each.topics ?? NaN)},
  ]} />`}<//><//>`;
}

function Figures({name}) {
  const live = useLive((signal) => get(path`/brokers/${name}`, {signal}), 3000);
  return html`<${Loaded} live=${live}>${(now) => {
    const traffic = (figures) => t('broker.traffic', {rate: rate(figures.perSecond), messages: count(figures.messages), bytes: bytes(figures.bytes)});
    return html`
      <${Panel} title=${t('broker.state')}><${Facts} items=${[
    [t('word.state'), now.writable ? html`<${Badge} tone="good">${t('broker.writable')}<//>` : html`<${Badge} tone="bad">${t('broker.unwritable')}<//>`],
    [t('word.cluster'), now.cluster],
    [t('broker.id'), now.id, true],
    [t('word.address'), html`<code>${now.address}</code>`],
    [t('broker.startedAt'), time(now.startedAt), true],
    [t('broker.up'), span(Date.parse(now.now) - Date.parse(now.startedAt)), true],
    [t('nav.topics'), count(now.topics), true],
    [t('nav.groups'), count(now.groups), true],
    [t('broker.groupsOnline'), count(now.groupsOnline), true],
  ]} /><//>
      <${Panel} title=${t('broker.trafficTitle')}><${Facts} wide items=${[
    [t('broker.puts'), traffic(now.puts), true],
    [t('broker.gets'), traffic(now.gets), true],
  ]} /><//>
      <${Panel} title=${t('broker.storage')}><${Facts} items=${[
    [t('broker.log'), bytes(now.logBytes), true],
    [t('broker.diskUsed'), percent(now.diskUsed), true],
    [t('broker.diskFree'), bytes(now.diskFreeBytes), true],
    [t('broker.inFlight'), bytes(now.inFlightBytes), true],
    [t('broker.unflushed'), bytes(now.unflushedBytes), true],
    [t('broker.undispatched'), bytes(now.undispatchedBytes), true],
    [t('broker.earliest'), time(now.earliestMessageAt), true],
  ]} /><//>
      <${Panel} title=${t('broker.delayLevels')} flush>
        <${Table} label=${t('broker.delayLevels')} rows=${now.delayLevels} keyOf=${(each) => each.level} empty=${html`<${Empty} title=${t('broker.noDelays')} />`} columns=${[
    {name: 'level', head: t('timers.level'), num: true, by: (each) => each.level, cell: (each) => each.level},
    {name: 'waiting', head: t('broker.waiting'), num: true, by: (each) => each.stored - each.delivered, cell: (each) => count(each.stored - each.delivered)},
    {name: 'delivered', head: t('broker.delivered'), num: true, by: (each) => each.delivered, cell: (each) => count(each.delivered)},
  ]} />
      <//>`;
  }}<//>`;
}

function Change({name, setting, onClose, onDone}) {
  const [value, setValue] = useState(setting.value);
  const act = async () => {
    await patch(path`/brokers/${name}/settings`, {[setting.name]: value});
    say(t('state.saved', {name: setting.name}));
    onDone();
  };
  return html`<${FormDialog} title=${setting.name} label=${t('act.save')} act=${act} onClose=${onClose}>
    <p>${t('settings.untilStop')}</p>
    <${Field} label=${t('word.value')} value=${value} onInput=${setValue} autofocus />
  <//>`;
}

function Settings({name, documented}) {
  const [sought, seek] = useState('');
  const [changing, open, close] = useDialog();
  const live = useLive((signal) => get(path`/brokers/${name}/settings`, {signal}));
  const has = (...texts) => texts.some((text) => String(text ?? '').toLowerCase().includes(sought.toLowerCase()));
  return html`<${Panel} flush>
    <div class="tools"><${Field} label=${t('word.search')} type="search" value=${sought} onInput=${seek} /><p class="about">${documented ? t('settings.aboutDocumentation') : t('settings.about')}</p></div>
    <${Loaded} live=${live}>${(data) => (documented ? html`
      <${Table} label=${t('broker.tab.documentation')} rows=${data.documentation.filter((each) => has(each.name, each.meaning))} keyOf=${(each) => each.name} columns=${[
    {name: 'name', head: t('word.name'), by: (each) => each.name, cell: (each) => html`<code>${each.name}</code>`},
    {name: 'default', head: t('settings.default'), wrap: true, cell: (each) => html`<code>${each.default}</code>`},
    {name: 'allowed', head: t('settings.allowed'), wrap: true, cell: (each) => each.allowed},
    {name: 'live', head: t('settings.live'), by: (each) => each.live, cell: (each) => (each.live ? html`<${Badge} tone="good">${t('settings.live')}<//>` : '')},
    {name: 'meaning', head: t('settings.meaning'), wrap: true, cell: (each) => each.meaning},
  ]} />` : html`
      <${Table} label=${t('broker.tab.settings')} rows=${data.items.filter((each) => has(each.name, each.value))} keyOf=${(each) => each.name} columns=${[
    {name: 'name', head: t('word.name'), by: (each) => each.name, cell: (each) => html`<code>${each.name}</code>`},
    {name: 'value', head: t('word.value'), wrap: true, cell: (each) => html`<code>${each.value}</code>`},
    {name: 'live', head: t('settings.live'), by: (each) => each.live, cell: (each) => (each.live ? html`<button type="button" class="quiet" onClick=${() => open(each)} aria-label=${t('settings.change', {name: each.name})}>${t('act.edit')}</button>` : '')},
  ]} />`)}<//>
    ${changing && html`<${Change} name=${name} setting=${changing} onClose=${close} onDone=${live.reload} />`}
  <//>`;
}

function Broker({name, tab}) {
  const now = TABS.includes(tab) ? tab : 'figures';
  return html`
    <${Head} title=${name} of=${t('nav.brokers')} ofHref=${at('brokers')} />
    <${Tabs} label=${name} now=${now} tabs=${TABS.map((each) => [each, t(`broker.tab.${each}`), at('brokers', name, each)])} />
    ${now === 'figures' && html`<${Figures} name=${name} />`}
    ${now === 'settings' && html`<${Settings} name=${name} />`}
    ${now === 'documentation' && html`<${Settings} name=${name} documented />`}`;
}
