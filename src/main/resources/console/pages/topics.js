import {all, get, path, post} from '/api.js';
import {FormDialog, say, useDialog} from '/dialog.js';
import {useLive} from '/live.js';
import {at, atWith, Badge, Empty, Field, Head, html, Loaded, options, Panel, Table, useState} from '/view.js';
import {count, rate, t} from '/words.js';

const KINDS = ['user', 'retry', 'dlq', 'system', 'all'];
const TYPES = ['', 'NORMAL', 'FIFO', 'DELAY', 'TRANSACTION', 'MIXED'];

export const permWords = (perm) => ({6: t('perm.both'), 4: t('perm.read'), 2: t('perm.write'), 0: t('perm.none')}[perm & 6]);

/** The inputs of a topic's settings. */
export function TopicFields({wish, change}) {
  const number = (name) => ({type: 'number', min: 0, max: 65535, value: wish[name], onInput: (text) => change({...wish, [name]: text})});
  return html`<div class="fields">
    <${Field} label=${t('topic.readQueues')} ...${number('readQueues')} />
    <${Field} label=${t('topic.writeQueues')} ...${number('writeQueues')} />
    <${Field} label=${t('topic.perm')} type="select" value=${wish.perm} onInput=${(perm) => change({...wish, perm})}>${options([['6', t('perm.both')], ['4', t('perm.read')], ['2', t('perm.write')], ['0', t('perm.none')]], wish.perm)}<//>
    <${Field} label=${t('topic.type')} type="select" value=${wish.type} onInput=${(type) => change({...wish, type})}>${options([...new Set([...TYPES, wish.type])].map((type) => [type, type || t('topic.typeNone')]), wish.type)}<//>
    <${Field} label=${t('topic.ordered')} type="checkbox" value=${wish.ordered} onInput=${(ordered) => change({...wish, ordered})} wide />
  </div>`;
}

/** The wish as the API takes it; what is empty is left to the server. */
export function settingsOf(wish) {
  const made = {perm: Number(wish.perm), ordered: wish.ordered};
  if (wish.readQueues !== '') made.readQueues = Number(wish.readQueues);
  if (wish.writeQueues !== '') made.writeQueues = Number(wish.writeQueues);
  return made;
}

function NewTopic({onClose, onDone}) {
  const [name, setName] = useState('');
  const [wish, change] = useState({readQueues: '', writeQueues: '', perm: '6', type: '', ordered: false});
  const act = async () => {
    await post('/topics', {name, ...settingsOf(wish), ...(wish.type ? {attributes: {'message.type': wish.type}} : {})});
    say(t('topic.created', {name}));
    onDone();
  };
  return html`<${FormDialog} title=${t('topic.new')} label=${t('act.create')} act=${act} onClose=${onClose} ready=${name !== ''}>
    <${Field} label=${t('word.name')} value=${name} onInput=${setName} required autofocus maxlength="255" />
    <${TopicFields} wish=${wish} change=${change} />
    <p class="hint">${t('topic.emptyIsUsual')}</p>
  <//>`;
}

const MOST_COUNTED = 60;

/** All topics of a kind; the first of them with what is in them, which is asked for one by one. */
async function load(kind, signal) {
  const {items, more} = await all('/topics', {query: {kind}, signal});
  const counted = await Promise.all(items.slice(0, MOST_COUNTED).map(async (topic) => {
    try {
      const queues = await get(path`/topics/${topic.name}/queues`, {signal});
      return {...topic, messages: queues.items.reduce((sum, each) => sum + each.messages, 0), putsPerSecond: queues.putsPerSecond};
    } catch (problem) {
      if (problem.status === 404) return topic; // It was deleted in between.
      throw problem;
    }
  }));
  return {items: [...counted, ...items.slice(MOST_COUNTED)], more};
}

export function Topics({query}) {
  const kind = KINDS.includes(query.kind) ? query.kind : 'user';
  const [sought, seek] = useState('');
  const [making, open, close] = useDialog();
  const live = useLive((signal) => load(kind, signal), 10_000, [kind]);
  return html`
    <${Head} title=${t('nav.topics')} about=${t('topics.about')}>
      <button type="button" class="primary" onClick=${() => open()}>${t('topic.new')}</button>
    <//>
    <${Panel} flush>
      <div class="tools">
        <${Field} label=${t('word.search')} type="search" value=${sought} onInput=${seek} />
        <${Field} label=${t('topics.kind')} type="select" value=${kind} onInput=${(wanted) => { location.hash = atWith(['topics'], {kind: wanted}); }}>${options(KINDS.map((each) => [each, t(`kind.${each}`)]), kind)}<//>
      </div>
      <${Loaded} live=${live}>${({items, more}) => {
    const rows = items.filter((each) => each.name.toLowerCase().includes(sought.toLowerCase()));
    return html`
          <${Table} label=${t('nav.topics')} rows=${rows} keyOf=${(each) => each.name}
            empty=${html`<${Empty} title=${sought ? t('state.noneFound') : t('topics.none')}>${!sought && kind === 'user' && t('topics.noneHint')}<//>`}
            columns=${[
    {name: 'name', head: t('word.topic'), by: (each) => each.name, cell: (each) => html`<a href=${at('topics', each.name)}>${each.name}</a>`},
    {name: 'messages', head: t('topic.messages'), num: true, by: (each) => each.messages, cell: (each) => count(each.messages)},
    {name: 'rate', head: t('topic.putsPerSecond'), num: true, by: (each) => each.putsPerSecond, cell: (each) => rate(each.putsPerSecond)},
    kind === 'all' && {name: 'kind', head: t('topics.kind'), by: (each) => each.kind, cell: (each) => t(`kind.${each.kind}`)},
    {name: 'type', head: t('topic.type'), by: (each) => each.attributes?.['message.type'], cell: (each) => each.attributes?.['message.type']},
    {name: 'read', head: t('topic.readQueues'), num: true, by: (each) => each.readQueues, cell: (each) => count(each.readQueues)},
    {name: 'write', head: t('topic.writeQueues'), num: true, by: (each) => each.writeQueues, cell: (each) => count(each.writeQueues)},
    {name: 'perm', head: t('topic.perm'), by: (each) => each.perm, cell: (each) => ((each.perm & 6) === 6 ? permWords(each.perm) : html`<${Badge} tone="warn">${permWords(each.perm)}<//>`)},
    {name: 'go', head: t('word.go'), cell: (each) => html`<span class="links"><a href=${atWith(['messages'], {topic: each.name})}>${t('nav.messages')}</a><a href=${at('topics', each.name, 'send')}>${t('act.send')}</a></span>`},
  ].filter(Boolean)} />
          ${more && html`<p class="note">${t('state.more', {n: count(items.length)})}</p>`}`;
  }}<//>
    <//>
    ${making && html`<${NewTopic} onClose=${close} onDone=${live.reload} />`}`;
}
