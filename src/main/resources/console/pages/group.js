import {all, get, patch, path, post, remove} from '/api.js';
import {Bar} from '/chart.js';
import {Confirm, say, useDialog} from '/dialog.js';
import {useLive} from '/live.js';
import {at, atWith, Badge, Empty, Facts, Field, Head, html, Loaded, options, Panel, Table, Tabs, Told, useAct, useState, Wrong} from '/view.js';
import {count, fromLocal, NONE, rate, t, time} from '/words.js';
import {GROUP_DEFAULTS, GroupFields, groupSettingsOf} from '/pages/groups.js';

const TABS = ['lag', 'clients', 'reset', 'settings'];

function Lag({name}) {
  const live = useLive((signal) => get(path`/groups/${name}/lag`, {signal}), 3000);
  return html`<${Loaded} live=${live}>${(data) => {
    const most = Math.max(0, ...data.items.map((each) => each.lag));
    const topics = [...new Set(data.items.map((each) => each.topic))];
    return html`
      <${Panel}><${Facts} items=${[
    [t('word.lag'), count(data.lag), true],
    [t('lag.consumes'), t('unit.perSecond', {value: rate(data.consumesPerSecond)}), true],
    [t('nav.topics'), count(topics.length), true],
  ]} /><//>
      ${!topics.length && html`<${Panel}><${Empty} title=${t('group.noLag')}>${t('group.noLagHint')}<//><//>`}
      ${topics.map((topic) => {
    const rows = data.items.filter((each) => each.topic === topic);
    const sum = rows.reduce((total, each) => total + each.lag, 0);
    return html`<${Panel} key=${topic} title=${html`<a href=${at('topics', topic)}>${topic}</a>`} note=${t('lag.sum', {n: count(sum)})} acts=${html`<a href=${atWith(['groups', name, 'reset'], {topic})}>${t('reset.title')}</a>`} flush>
          <${Table} label=${topic} rows=${rows} keyOf=${(each) => each.queue} columns=${[
    {name: 'queue', head: t('word.queue'), by: (each) => each.queue, cell: (each) => html`<a href=${atWith(['messages'], {topic, mode: 'offset', queue: each.queue, offset: Math.max(0, each.consumerOffset)})}>${each.queue}</a>`},
    {name: 'lag', head: t('word.lag'), num: true, by: (each) => each.lag, cell: (each) => html`<${Bar} value=${each.lag} most=${most} show=${count} />`},
    {name: 'offset', head: t('lag.consumerOffset'), num: true, by: (each) => each.consumerOffset, cell: (each) => count(each.consumerOffset)},
    {name: 'max', head: t('topic.maxOffset'), num: true, by: (each) => each.maxOffset, cell: (each) => count(each.maxOffset)},
    {name: 'to', head: t('lag.consumedTo'), num: true, by: (each) => each.consumedTo, cell: (each) => time(each.consumedTo)},
  ]} />
        <//>`;
  })}`;
  }}<//>`;
}

function Clients({name}) {
  const live = useLive(async (signal) => {
    const [group, subscriptions] = await Promise.all([
      get(path`/groups/${name}`, {signal}),
      all('/subscriptions', {signal}),
    ]);
    return {group, online: subscriptions.items.find((each) => each.group === name)};
  }, 5000);
  return html`<${Loaded} live=${live}>${({group, online}) => html`
    ${group.conflict && html`<div class="wrong" role="alert">
      <p class="wrong-remark">${t('conflict.title', {kind: group.conflict.kind})}</p>
      <p><${Told} words=${group.conflict.words} /></p>
      <p><code>${group.conflict.first}</code> ↔ <code>${group.conflict.second}</code></p>
    </div>`}
    <${Panel} title=${t('group.members')} note=${online ? `${group.consumeType} · ${group.messageModel}` : ''} flush>
      <${Table} label=${t('group.members')} rows=${group.members || []} keyOf=${(each) => each.clientId} empty=${html`<${Empty} title=${t('group.noMembers')}>${t('group.noMembersHint')}<//>`} columns=${[
    {name: 'id', head: t('client.id'), by: (each) => each.clientId, cell: (each) => html`<code>${each.clientId}</code>`},
    {name: 'address', head: t('word.address'), by: (each) => each.address, cell: (each) => html`<code>${each.address}</code>`},
    {name: 'language', head: t('client.language'), by: (each) => each.language, cell: (each) => each.language},
    {name: 'version', head: t('client.version'), num: true, by: (each) => each.version, cell: (each) => each.version},
  ]} />
    <//>
    <${Panel} title=${t('group.subscriptions')} flush>
      <${Table} label=${t('group.subscriptions')} rows=${online?.topics || []} keyOf=${(each) => each.topic} empty=${html`<${Empty} title=${t('group.noSubscriptions')} />`} columns=${[
    {name: 'topic', head: t('word.topic'), by: (each) => each.topic, cell: (each) => html`<a href=${at('topics', each.topic)}>${each.topic}</a>`},
    {name: 'type', head: t('subscription.type'), by: (each) => each.expressionType, cell: (each) => each.expressionType},
    {name: 'expression', head: t('subscription.expression'), by: (each) => each.expression, wrap: true, cell: (each) => html`<code>${each.expression}</code>`},
  ]} />
    <//>`}<//>`;
}

function Offsets({answer}) {
  const most = Math.max(0, ...answer.items.map((each) => each.lag));
  return html`<${Table} label=${t('reset.title')} rows=${answer.items} keyOf=${(each) => each.queue} columns=${[
    {name: 'queue', head: t('word.queue'), cell: (each) => each.queue},
    {name: 'before', head: t('reset.before'), num: true, cell: (each) => (each.before === null ? NONE : count(each.before))},
    {name: 'after', head: t('reset.after'), num: true, cell: (each) => count(each.after)},
    {name: 'moved', head: t('reset.moved'), num: true, cell: (each) => (each.before === null ? NONE : `${each.after > each.before ? '+' : ''}${count(each.after - each.before)}`)},
    {name: 'lag', head: t('word.lag'), num: true, cell: (each) => html`<${Bar} value=${each.lag} most=${most} show=${count} />`},
  ]} />`;
}

function Reset({name, given}) {
  const [topic, setTopic] = useState(given || '');
  const [place, setPlace] = useState('time');
  const [when, setWhen] = useState('');
  const [preview, setPreview] = useState(null);
  const [done, setDone] = useState(null);
  const [asking, open, close] = useDialog();
  const topics = useLive(async (signal) => [...new Set((await get(path`/groups/${name}/lag`, {signal})).items.map((each) => each.topic))]);
  const wish = () => ({topic, to: place === 'time' ? fromLocal(when) : place});
  const reset = (body) => post(path`/groups/${name}/offsets:reset`, body);
  const look = useAct(async () => {
    setDone(null);
    setPreview(null);
    const wanted = wish();
    setPreview({wanted, answer: await reset({...wanted, dryRun: true})});
  });
  const go = async () => {
    setDone(await reset(asking.wanted));
    setPreview(null);
    say(t('reset.done', {group: name, topic: asking.wanted.topic}));
  };
  const undo = useAct(async () => {
    const offsets = done.items.filter((each) => each.before !== null).map((each) => ({queue: each.queue, offset: each.before}));
    await reset({topic: done.topic, offsets});
    say(t('reset.undone', {group: name, topic: done.topic}));
    setDone(null);
  });
  const change = (set) => (value) => {
    setPreview(null);
    set(value);
  };
  const submit = (event) => {
    event.preventDefault();
    look.run();
  };
  return html`
    <${Panel} title=${t('reset.title')}>
      <p class="about">${t('reset.about')}</p>
      <form onSubmit=${submit}>
        <div class="fields">
          <${Field} label=${t('word.topic')} value=${topic} onInput=${change(setTopic)} list="reset-topics" required />
          <datalist id="reset-topics">${(topics.data || []).map((each) => html`<option key=${each} value=${each} />`)}</datalist>
          <${Field} label=${t('reset.to')} type="select" value=${place} onInput=${change(setPlace)}>${options([['time', t('reset.time')], ['earliest', t('reset.earliest')], ['latest', t('reset.latest')]], place)}<//>
          ${place === 'time' && html`<${Field} label=${t('word.time')} type="datetime-local" step="1" value=${when} onInput=${change(setWhen)} required />`}
        </div>
        <${Wrong} problem=${look.problem} />
        <div class="form-acts"><button type="submit" class="primary" disabled=${look.busy}>${t('reset.preview')}</button></div>
      </form>
    <//>
    <div aria-live="polite">
    ${preview && html`<${Panel} title=${t('reset.wouldBe', {topic: preview.wanted.topic})} acts=${html`<button type="button" class="danger" onClick=${() => open(preview)}>${t('reset.go')}</button>`} flush><${Offsets} answer=${preview.answer} /><//>`}
    ${done && html`<${Panel} title=${t('reset.is', {topic: done.topic})} acts=${html`<button type="button" onClick=${() => undo.run()} disabled=${undo.busy}>${t('reset.undo')}</button>`} flush><${Wrong} problem=${undo.problem} /><${Offsets} answer=${done} /><//>`}
    </div>
    ${asking && html`<${Confirm} title=${t('reset.title')} consequence=${t('reset.consequence', {topic: asking.wanted.topic})} name=${name} label=${t('reset.go')} act=${go} onClose=${close} />`}`;
}

function Settings({group, reload}) {
  const [wish, change] = useState(Object.fromEntries(Object.entries(GROUP_DEFAULTS).map(([field, usual]) =>
    [field, typeof usual === 'boolean' ? group[field] : String(group[field])])));
  const doing = useAct(async () => {
    await patch(path`/groups/${group.name}`, groupSettingsOf(wish));
    say(t('state.saved', {name: group.name}));
    reload();
  });
  const submit = (event) => {
    event.preventDefault();
    doing.run();
  };
  return html`<${Panel} title=${t('word.settings')}>
    <form onSubmit=${submit}>
      <${GroupFields} wish=${wish} change=${change} />
      ${group.forbiddenTopics?.length ? html`<p>${t('group.forbidden')} ${group.forbiddenTopics.join(', ')}</p>` : ''}
      <${Wrong} problem=${doing.problem} />
      <div class="form-acts"><button type="submit" class="primary" disabled=${doing.busy}>${t('act.save')}</button></div>
    </form>
  <//>`;
}

function DeleteGroup({name, onClose}) {
  const [withOffsets, setWithOffsets] = useState(true);
  const drop = async () => {
    await remove(path`/groups/${name}`, {withOffsets});
    say(t('group.deleted', {name}));
    location.hash = at('groups');
  };
  return html`<${Confirm} title=${t('group.delete')} name=${name} label=${t('act.delete')} act=${drop} onClose=${onClose}
    consequence=${html`${t('group.deleteConsequence')} <${Field} label=${t('group.withOffsets')} type="checkbox" value=${withOffsets} onInput=${setWithOffsets} />`} />`;
}

export function Group({name, tab, query}) {
  const now = TABS.includes(tab) ? tab : 'lag';
  const [deleting, open, close] = useDialog();
  const live = useLive((signal) => get(path`/groups/${name}`, {signal}), 10_000);
  const about = live.data && [
    live.data.members?.length ? t('group.membersOnline', {n: count(live.data.members.length)}) : t('group.offline'),
    live.data.messageModel,
    live.data.consumeEnabled === false && t('group.stopped'),
  ].filter(Boolean).join(' · ');
  return html`
    <${Head} title=${name} of=${t('nav.groups')} ofHref=${at('groups')} about=${about}>
      ${live.data?.conflict && html`<${Badge} tone="bad">${t('group.conflict')}<//>`}
      <a class="button" href=${atWith(['dead-letters'], {group: name})}>${t('nav.dead-letters')}</a>
      <button type="button" class="danger" onClick=${() => open()} disabled=${!live.data}>${t('act.delete')}</button>
    <//>
    <${Loaded} live=${live}>${(group) => html`
      <${Tabs} label=${name} now=${now} tabs=${TABS.map((each) => [each, t(`group.tab.${each}`), at('groups', name, each)])} />
      ${now === 'lag' && html`<${Lag} name=${name} />`}
      ${now === 'clients' && html`<${Clients} name=${name} />`}
      ${now === 'reset' && html`<${Reset} key=${query.topic} name=${name} given=${query.topic} />`}
      ${now === 'settings' && html`<${Settings} group=${group} reload=${live.reload} />`}`}<//>
    ${deleting && html`<${DeleteGroup} name=${name} onClose=${close} />`}`;
}
