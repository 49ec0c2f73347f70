import {get, patch, path, post, remove} from '/api.js';
import {Bar} from '/chart.js';
import {Confirm, say, useDialog} from '/dialog.js';
import {useLive} from '/live.js';
import {at, atWith, Badge, Copied, Empty, Facts, Field, Head, html, linesOf, Loaded, options, pairsOf, Panel, Table, Tabs, useAct, useState, Wrong} from '/view.js';
import {count, fromLocal, NONE, rate, t, time, toLocal} from '/words.js';
import {permWords, settingsOf, TopicFields} from '/pages/topics.js';

const TABS = ['status', 'groups', 'producers', 'route', 'send', 'settings'];

function Status({name}) {
  const live = useLive((signal) => get(path`/topics/${name}/queues`, {signal}), 3000);
  return html`<${Loaded} live=${live}>${(data) => {
    const total = data.items.reduce((sum, each) => sum + each.messages, 0);
    const most = Math.max(1, ...data.items.map((each) => each.messages));
    return html`
      <${Panel}><${Facts} items=${[
    [t('topic.messages'), count(total), true],
    [t('topic.puts'), t('unit.perSecond', {value: rate(data.putsPerSecond)}), true],
    [t('word.queues'), count(data.items.length), true],
  ]} /><//>
      <${Panel} title=${t('word.queues')} flush>
        <${Table} label=${t('word.queues')} rows=${data.items} keyOf=${(each) => each.queue} columns=${[
    {name: 'queue', head: t('word.queue'), by: (each) => each.queue, cell: (each) => html`<a href=${atWith(['messages'], {topic: name, mode: 'offset', queue: each.queue, offset: Math.max(each.minOffset, each.maxOffset - 20)})}>${each.queue}</a>`},
    {name: 'min', head: t('topic.minOffset'), num: true, by: (each) => each.minOffset, cell: (each) => count(each.minOffset)},
    {name: 'max', head: t('topic.maxOffset'), num: true, by: (each) => each.maxOffset, cell: (each) => count(each.maxOffset)},
    {name: 'messages', head: t('topic.messages'), num: true, by: (each) => each.messages, cell: (each) => html`<${Bar} value=${each.messages} most=${most} show=${count} />`},
    {name: 'last', head: t('topic.lastStored'), num: true, by: (each) => each.lastStoredAt, cell: (each) => time(each.lastStoredAt)},
  ]} />
      <//>`;
  }}<//>`;
}

function Consumers({name}) {
  const live = useLive(async (signal) => {
    const {items} = await get(path`/topics/${name}/groups`, {signal});
    return Promise.all(items.map(async (each) => {
      try {
        const lag = await get(path`/groups/${each.group}/lag`, {query: {topic: name}, signal});
        return {...each, lag: lag.lag, consumesPerSecond: lag.consumesPerSecond};
      } catch (problem) {
        if (problem.name === 'AbortError') throw problem;
        return each; // It is told below what a group has; one whose offsets are gone has none.
      }
    }));
  }, 5000);
  return html`<${Panel} title=${t('topic.consumers')} flush><${Loaded} live=${live}>${(rows) => html`
    <${Table} label=${t('topic.consumers')} rows=${rows} keyOf=${(each) => each.group} empty=${html`<${Empty} title=${t('topic.noConsumers')} />`} columns=${[
    {name: 'group', head: t('word.group'), by: (each) => each.group, cell: (each) => html`<a href=${at('groups', each.group)}>${each.group}</a>`},
    {name: 'state', head: t('word.state'), by: (each) => each.subscribed, cell: (each) => (each.subscribed ? html`<${Badge} tone="good">${t('group.online')}<//>` : html`<${Badge}>${t('group.offline')}<//>`)},
    {name: 'members', head: t('group.members'), num: true, by: (each) => each.members, cell: (each) => count(each.members)},
    {name: 'rate', head: t('lag.consumes'), num: true, by: (each) => each.consumesPerSecond, cell: (each) => rate(each.consumesPerSecond)},
    {name: 'lag', head: t('word.lag'), num: true, by: (each) => each.lag, cell: (each) => count(each.lag)},
    {name: 'go', head: t('word.go'), cell: (each) => html`<a href=${atWith(['groups', each.group, 'reset'], {topic: name})}>${t('reset.title')}</a>`},
  ]} />`}<//><//>`;
}

function Producers({name}) {
  const live = useLive((signal) => get(path`/topics/${name}/producers`, {signal}), 5000);
  return html`<${Panel} title=${t('topic.producers')} note=${t('topic.producersNote')} flush><${Loaded} live=${live}>${({items}) => html`
    <${Table} label=${t('topic.producers')} rows=${items} keyOf=${(each) => `${each.producerGroup} ${each.clientId} ${each.address}`} empty=${html`<${Empty} title=${t('topic.noProducers')} />`} columns=${[
    {name: 'group', head: t('word.producerGroup'), by: (each) => each.producerGroup, cell: (each) => each.producerGroup},
    {name: 'client', head: t('client.id'), by: (each) => each.clientId, cell: (each) => each.clientId && html`<code>${each.clientId}</code>`},
    {name: 'address', head: t('word.address'), by: (each) => each.address, cell: (each) => html`<code>${each.address}</code>`},
    {name: 'state', head: t('word.state'), by: (each) => each.online, cell: (each) => (each.online ? html`<${Badge} tone="good">${t('group.online')}<//>` : html`<${Badge}>${t('group.offline')}<//>`)},
    {name: 'sent', head: t('topic.lastSent'), num: true, by: (each) => each.lastSentAt, cell: (each) => time(each.lastSentAt)},
  ]} />`}<//><//>`;
}

function Route({name}) {
  const live = useLive((signal) => get(path`/topics/${name}/route`, {signal}), 10_000);
  return html`<${Loaded} live=${live}>${(data) => html`
    <${Panel} title=${t('word.queues')} flush><${Table} label=${t('word.queues')} rows=${data.queues} keyOf=${(each) => each.broker} columns=${[
    {name: 'broker', head: t('word.broker'), cell: (each) => html`<a href=${at('brokers', each.broker)}>${each.broker}</a>`},
    {name: 'read', head: t('topic.readQueues'), num: true, cell: (each) => count(each.readQueues)},
    {name: 'write', head: t('topic.writeQueues'), num: true, cell: (each) => count(each.writeQueues)},
    {name: 'perm', head: t('topic.perm'), cell: (each) => permWords(each.perm)},
  ]} /><//>
    <${Panel} title=${t('nav.brokers')} flush><${Table} label=${t('nav.brokers')} rows=${data.brokers} keyOf=${(each) => `${each.name} ${each.id}`} columns=${[
    {name: 'name', head: t('word.broker'), cell: (each) => each.name},
    {name: 'id', head: t('broker.id'), num: true, cell: (each) => each.id},
    {name: 'cluster', head: t('word.cluster'), cell: (each) => each.cluster},
    {name: 'address', head: t('word.address'), cell: (each) => html`<code>${each.address}</code>`},
  ]} /><//>`}<//>`;
}

const NOTHING = {body: '', contentType: 'text/plain', key: '', tag: '', properties: '', delay: '', deliverAt: '', messageGroup: '', queue: ''};

/** A message as the API takes it. */
function messageOf(wish) {
  const made = {body: wish.body, contentType: wish.contentType};
  for (const name of ['key', 'tag', 'delay', 'messageGroup']) if (wish[name]) made[name] = wish[name];
  if (wish.contentType === 'application/json') {
    try {
      JSON.parse(wish.body); // The body is sent as it was typed: parsed and written again, large numbers would change.
    } catch (failure) {
      throw new SyntaxError(t('send.notJson', {why: failure.message}));
    }
  }
  if (wish.deliverAt) made.deliverAt = fromLocal(wish.deliverAt);
  if (wish.queue !== '') made.queue = Number(wish.queue);
  const properties = pairsOf(wish.properties);
  if (properties) made.properties = properties;
  return made;
}

function Send({name}) {
  const [wish, change] = useState(NOTHING);
  const [sent, setSent] = useState(null);
  const doing = useAct(async () => {
    setSent(null);
    setSent(await post(path`/topics/${name}/messages`, messageOf(wish)));
  });
  const field = (each) => ({value: wish[each], onInput: (text) => change({...wish, [each]: text})});
  const submit = (event) => {
    event.preventDefault();
    doing.run();
  };
  return html`<${Panel} title=${t('send.title')}>
    <form onSubmit=${submit}>
      <${Field} label=${t('message.body')} type="textarea" rows="7" class="mono" wide ...${field('body')} />
      <div class="fields">
        <${Field} label=${t('send.contentType')} type="select" ...${field('contentType')}>${options([['text/plain', t('send.text')], ['application/json', 'JSON']], wish.contentType)}<//>
        <${Field} label=${t('message.keys')} hint=${t('send.keysHint')} ...${field('key')} />
        <${Field} label=${t('message.tag')} ...${field('tag')} />
        <${Field} label=${t('send.delay')} hint=${t('send.delayHint')} placeholder="30s" ...${field('delay')} />
        <${Field} label=${t('send.deliverAt')} type="datetime-local" step="1" min=${toLocal(new Date())} ...${field('deliverAt')} />
        <${Field} label=${t('message.group')} hint=${t('send.groupHint')} ...${field('messageGroup')} />
        <${Field} label=${t('word.queue')} hint=${t('send.queueHint')} type="number" min="0" ...${field('queue')} />
        <${Field} label=${t('message.properties')} hint=${t('send.propertiesHint')} type="textarea" rows="3" class="mono" ...${field('properties')} />
      </div>
      <${Wrong} problem=${doing.problem} />
      <div class="form-acts"><button type="submit" class="primary" disabled=${doing.busy}>${doing.busy ? t('state.working') : t('act.send')}</button></div>
    </form>
    <div aria-live="polite">${sent && html`<div class="done">
      <p class="done-title">${t('send.done')}</p>
      <${Facts} items=${[
    [t('message.id'), sent.id ? html`<a href=${at('messages', name, sent.id)}>${sent.id}</a>` : NONE],
    [t('message.uniqueId'), html`<${Copied} text=${sent.uniqueId} />`],
    sent.queue !== undefined && [t('word.queue'), sent.queue, true],
    sent.offset !== undefined && [t('word.offset'), count(sent.offset), true],
    sent.sendStatus && [t('word.state'), sent.sendStatus],
    sent.recallHandle && [t('send.recallHandle'), html`<${Copied} text=${sent.recallHandle} />`],
  ]} wide />
    </div>`}</div>
  <//>`;
}

function Settings({topic, reload}) {
  const [wish, change] = useState({
    readQueues: String(topic.readQueues),
    writeQueues: String(topic.writeQueues),
    perm: String(topic.perm & 6),
    type: topic.attributes?.['message.type'] || '',
    ordered: topic.ordered,
  });
  const {'message.type': ownType, ...others} = topic.attributes || {};
  const [attributes, setAttributes] = useState(linesOf(others));
  const doing = useAct(async () => {
    const wanted = pairsOf(attributes) || {};
    for (const name of Object.keys(others)) wanted[name] ??= '';
    if (wish.type !== (ownType || '')) wanted['message.type'] = wish.type;
    await patch(path`/topics/${topic.name}`, {...settingsOf(wish), perm: (topic.perm & ~6) | Number(wish.perm), attributes: wanted});
    say(t('state.saved', {name: topic.name}));
    reload();
  });
  const submit = (event) => {
    event.preventDefault();
    doing.run();
  };
  return html`<${Panel} title=${t('word.settings')}>
    <form onSubmit=${submit}>
      <${TopicFields} wish=${wish} change=${change} />
      <${Field} label=${t('topic.attributes')} hint=${t('topic.attributesHint')} type="textarea" rows="3" class="mono" value=${attributes} onInput=${setAttributes} wide />
      <${Wrong} problem=${doing.problem} />
      <div class="form-acts"><button type="submit" class="primary" disabled=${doing.busy}>${t('act.save')}</button></div>
    </form>
  <//>`;
}

export function Topic({name, tab}) {
  const now = TABS.includes(tab) ? tab : 'status';
  const [deleting, open, close] = useDialog();
  const live = useLive((signal) => get(path`/topics/${name}`, {signal}));
  const drop = async () => {
    await remove(path`/topics/${name}`);
    say(t('topic.deleted', {name}));
    location.hash = at('topics');
  };
  return html`
    <${Head} title=${name} of=${t('nav.topics')} ofHref=${at('topics')}
      about=${live.data && [t(`kind.${live.data.kind}`), live.data.attributes?.['message.type'], permWords(live.data.perm)].filter(Boolean).join(' · ')}>
      <a class="button" href=${atWith(['messages'], {topic: name})}>${t('nav.messages')}</a>
      <a class="button" href=${atWith(['messages'], {topic: name, mode: 'tail'})}>${t('messages.tail')}</a>
      <button type="button" class="danger" onClick=${() => open()} disabled=${!live.data}>${t('act.delete')}</button>
    <//>
    <${Loaded} live=${live}>${(topic) => html`
      <${Tabs} label=${name} now=${now} tabs=${TABS.map((each) => [each, t(`topic.tab.${each}`), at('topics', name, each)])} />
      ${now === 'status' && html`<${Status} name=${name} />`}
      ${now === 'groups' && html`<${Consumers} name=${name} />`}
      ${now === 'producers' && html`<${Producers} name=${name} />`}
      ${now === 'route' && html`<${Route} name=${name} />`}
      ${now === 'send' && html`<${Send} name=${name} />`}
      ${now === 'settings' && html`<${Settings} key=${JSON.stringify(topic)} topic=${topic} reload=${live.reload} />`}`}<//>
    ${deleting && html`<${Confirm} title=${t('topic.delete')} consequence=${t('topic.deleteConsequence')} name=${name} label=${t('act.delete')} act=${drop} onClose=${close} />`}`;
}
