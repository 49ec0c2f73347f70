import {all, post} from '/api.js';
import {FormDialog, say, useDialog} from '/dialog.js';
import {useLive} from '/live.js';
import {isSystemGroup} from '/names.js';
import {at, atWith, Badge, Empty, Field, Head, html, Loaded, Panel, Table, useState} from '/view.js';
import {count, rate, t} from '/words.js';

/** The inputs of a group's settings. */
export function GroupFields({wish, change}) {
  const number = (name, min) => ({type: 'number', min, value: wish[name], onInput: (text) => change({...wish, [name]: text})});
  const check = (name) => ({type: 'checkbox', value: wish[name], onInput: (on) => change({...wish, [name]: on}), wide: true});
  return html`<div class="fields">
    <${Field} label=${t('group.retryMaxTimes')} hint=${t('group.retryMaxTimesHint')} ...${number('retryMaxTimes', -1)} />
    <${Field} label=${t('group.retryQueues')} ...${number('retryQueues', 0)} />
    <${Field} label=${t('group.consumeTimeout')} ...${number('consumeTimeoutMinutes', 1)} />
    <${Field} label=${t('group.consumeEnabled')} ...${check('consumeEnabled')} />
    <${Field} label=${t('group.broadcastEnabled')} ...${check('broadcastEnabled')} />
    <${Field} label=${t('group.ordered')} ...${check('ordered')} />
    <${Field} label=${t('group.notifyMembers')} ...${check('notifyMembers')} />
  </div>`;
}

export const GROUP_DEFAULTS = {
  retryMaxTimes: '', retryQueues: '', consumeTimeoutMinutes: '', consumeEnabled: true, broadcastEnabled: true, ordered: false, notifyMembers: true,
};

/** The wish as the API takes it; what is empty is left to the server. */
export function groupSettingsOf(wish) {
  const made = {};
  for (const [name, usual] of Object.entries(GROUP_DEFAULTS)) {
    if (typeof usual === 'boolean') made[name] = wish[name];
    else if (wish[name] !== '') made[name] = Number(wish[name]);
  }
  return made;
}

function NewGroup({onClose, onDone}) {
  const [name, setName] = useState('');
  const [wish, change] = useState(GROUP_DEFAULTS);
  const act = async () => {
    await post('/groups', {name, ...groupSettingsOf(wish)});
    say(t('group.created', {name}));
    onDone();
  };
  return html`<${FormDialog} title=${t('group.new')} label=${t('act.create')} act=${act} onClose=${onClose} ready=${name !== ''}>
    <${Field} label=${t('word.name')} value=${name} onInput=${setName} required autofocus maxlength="255" />
    <${GroupFields} wish=${wish} change=${change} />
    <p class="hint">${t('topic.emptyIsUsual')}</p>
  <//>`;
}

async function load(signal) {
  const [groups, lags, online] = await Promise.all([
    all('/groups', {signal}), all('/lag', {signal}), all('/subscriptions', {signal}),
  ]);
  const byName = new Map(groups.items.map((each) => [each.name, {...each, lag: null, topics: 0}]));
  for (const each of lags.items) {
    const group = byName.get(each.group);
    if (!group) continue;
    group.lag = (group.lag || 0) + each.lag;
    group.consumesPerSecond = (group.consumesPerSecond || 0) + each.consumesPerSecond;
    group.topics += 1;
  }
  for (const each of online.items) {
    const own = {members: each.members, messageModel: each.messageModel, consumeType: each.consumeType, conflict: each.conflict};
    byName.set(each.group, {...(byName.get(each.group) || {name: each.group}), online: own});
  }
  return {items: [...byName.values()], more: groups.more};
}

export function Groups() {
  const [sought, seek] = useState('');
  const [system, showSystem] = useState(false);
  const [making, open, close] = useDialog();
  const live = useLive(load, 5000);
  return html`
    <${Head} title=${t('nav.groups')} about=${t('groups.about')}>
      <button type="button" class="primary" onClick=${() => open()}>${t('group.new')}</button>
    <//>
    <${Panel} flush>
      <div class="tools"><${Field} label=${t('word.search')} type="search" value=${sought} onInput=${seek} />
        <${Field} label=${t('groups.system')} type="checkbox" value=${system} onInput=${showSystem} /></div>
      <${Loaded} live=${live}>${({items, more}) => {
    const rows = items.filter((each) => (system || !isSystemGroup(each.name)) && each.name.toLowerCase().includes(sought.toLowerCase()));
    return html`
          <${Table} label=${t('nav.groups')} rows=${rows} keyOf=${(each) => each.name} sorted=${{column: 'name', down: false}}
            empty=${html`<${Empty} title=${sought ? t('state.noneFound') : t('groups.none')}>${!sought && t('groups.noneHint')}<//>`}
            columns=${[
    {name: 'name', head: t('word.group'), by: (each) => each.name, cell: (each) => html`<a href=${at('groups', each.name)}>${each.name}</a>`},
    {name: 'state', head: t('word.state'), by: (each) => (each.online?.conflict ? 0 : each.online ? 1 : 2), cell: (each) => html`<span class="badges">
        ${each.online ? html`<${Badge} tone="good">${t('group.online')}<//>` : html`<${Badge}>${t('group.offline')}<//>`}
        ${each.online?.conflict && html`<${Badge} tone="bad">${t('group.conflict')}<//>`}
        ${each.consumeEnabled === false && html`<${Badge} tone="warn">${t('group.stopped')}<//>`}</span>`},
    {name: 'members', head: t('group.members'), num: true, by: (each) => each.online?.members || 0, cell: (each) => count(each.online?.members || 0)},
    {name: 'model', head: t('group.model'), by: (each) => each.online?.messageModel, cell: (each) => each.online?.messageModel},
    {name: 'topics', head: t('nav.topics'), num: true, by: (each) => each.topics, cell: (each) => count(each.topics)},
    {name: 'rate', head: t('lag.consumes'), num: true, by: (each) => each.consumesPerSecond, cell: (each) => rate(each.consumesPerSecond)},
    {name: 'lag', head: t('word.lag'), num: true, by: (each) => each.lag ?? -1, cell: (each) => count(each.lag ?? NaN)},
    {name: 'go', head: t('word.go'), cell: (each) => html`<a href=${atWith(['dead-letters'], {group: each.name})}>${t('nav.dead-letters')}</a>`},
  ]} />
          ${more && html`<p class="note">${t('state.more', {n: count(items.length)})}</p>`}`;
  }}<//>
    <//>
    ${making && html`<${NewGroup} onClose=${close} onDone=${live.reload} />`}`;
}
