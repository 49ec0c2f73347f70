import {all} from '/api.js';
import {Bar, Chart} from '/chart.js';
import {useLive} from '/live.js';
import {EVERY_MILLIS, KEPT_MILLIS, usePulse} from '/pulse.js';
import {at, atWith, Empty, Facts, Head, html, Panel, Table, useState, Wrong} from '/view.js';
import {bytes, count, percent, rate, span, t, time} from '/words.js';
import {deadLetterGroups} from '/pages/dead-letters.js';

const GAP_MILLIS = 4 * EVERY_MILLIS;
const SPANS = [[60_000, '1 min'], [300_000, '5 min'], [KEPT_MILLIS, '10 min']];
const MOST_GROUPS = 8;
const FULL_DISK = 0.85;

/** What an operator should look at: [tone, words, where]. */
function matters({figures, health}, dead, conflicts) {
  const found = [];
  if (health.status !== 'UP') found.push(['bad', health.reason || t('health.down'), at('brokers')]);
  if (!figures.writable) found.push(['bad', t('matter.unwritable'), at('brokers')]);
  if (figures.diskUsed >= FULL_DISK) found.push(['warn', t('matter.disk', {used: percent(figures.diskUsed)}), at('brokers')]);
  for (const each of conflicts) found.push(['bad', t('matter.conflict', {group: each.group}), at('groups', each.group, 'clients')]);
  for (const each of dead) found.push(['warn', t('matter.dead', {group: each.group, n: count(each.messages)}), atWith(['dead-letters'], {group: each.group})]);
  return found;
}

const line = (samples, field) => samples.map((each) => ({at: each.at, value: each[field]}));

export function Overview() {
  const pulse = usePulse();
  const [spanMillis, setSpan] = useState(300_000);
  const slow = useLive(async (signal) => {
    const [dead, conflicts] = await Promise.all([
      deadLetterGroups(signal),
      all('/subscriptions', {query: {conflicts: true}, signal}),
    ]);
    const some = dead.filter((each) => each.messages > 0).sort((a, b) => b.messages - a.messages);
    return {dead: some, conflicts: conflicts.items};
  }, 15_000);
  const {figures, samples, problem} = pulse;
  if (!figures) {
    return html`<${Head} title=${t('nav.overview')} />${problem ? html`<${Wrong} problem=${problem} />` : html`<p class="loading" role="status">${t('state.loading')}</p>`}`;
  }
  const shared = {spanMillis, gapMillis: GAP_MILLIS};
  const perSecond = (value) => t('unit.perSecond', {value: rate(value)});
  const bytesPerSecond = (value) => t('unit.perSecond', {value: bytes(value)});
  const found = slow.data ? matters(pulse, slow.data.dead, slow.data.conflicts) : [];
  const behind = pulse.lags.filter((each) => each.lag > 0).sort((a, b) => b.lag - a.lag);
  const most = behind[0]?.lag || 0;
  return html`
    <${Head} title=${t('nav.overview')} about=${t('overview.about', {broker: figures.name, cluster: figures.cluster, span: span(Date.parse(figures.now) - Date.parse(figures.startedAt))})}>
      <label class="inline">${t('overview.span')} <select onChange=${(event) => setSpan(Number(event.target.value))}>${SPANS.map(([millis, words]) => html`<option key=${millis} value=${millis} selected=${millis === spanMillis}>${words}</option>`)}</select></label>
    <//>
    <${Wrong} problem=${problem} />
    <div class="charts">
      <${Panel}><${Chart} ...${shared} title=${t('overview.messages')} show=${perSecond} series=${[
    {name: t('overview.in'), points: line(samples, 'putRate'), tone: 'tone-1'},
    {name: t('overview.out'), points: line(samples, 'getRate'), tone: 'tone-2'}]} /><//>
      <${Panel}><${Chart} ...${shared} title=${t('overview.traffic')} show=${bytesPerSecond} step=${1024} series=${[
    {name: t('overview.in'), points: line(samples, 'putByteRate'), tone: 'tone-1'},
    {name: t('overview.out'), points: line(samples, 'getByteRate'), tone: 'tone-2'}]} /><//>
      <${Panel}><${Chart} ...${shared} title=${t('overview.lag')} show=${count} series=${[
    {name: t('unit.messages'), points: line(samples, 'lag'), tone: 'tone-3'}]} /><//>
      <${Panel}><${Chart} ...${shared} title=${t('overview.disk')} show=${percent} most=${1} series=${[
    {name: t('overview.free', {bytes: bytes(figures.diskFreeBytes)}), points: line(samples, 'diskUsed'), tone: 'tone-1'}]} /><//>
    </div>
    <${Panel}><${Facts} items=${[
    [t('broker.log'), bytes(figures.logBytes), true],
    [t('broker.inFlight'), bytes(figures.inFlightBytes), true],
    [t('broker.unflushed'), bytes(figures.unflushedBytes), true],
    [t('broker.undispatched'), bytes(figures.undispatchedBytes), true],
    [t('nav.topics'), html`<a href=${at('topics')}>${count(figures.topics)}</a>`, true],
    [t('nav.groups'), html`<a href=${at('groups')}>${count(figures.groups)}</a>`, true],
    [t('broker.groupsOnline'), count(figures.groupsOnline), true],
    [t('broker.earliest'), time(figures.earliestMessageAt), true],
  ]} /><//>
    <div class="halves">
      <${Panel} title=${t('overview.attention')}>
        <${Wrong} problem=${slow.problem} />
        ${slow.data && (found.length
    ? html`<ul class="matters">${found.slice(0, 20).map(([tone, words, href]) => html`<li key=${words} class=${tone}><a href=${href}>${words}</a></li>`)}</ul>`
    : html`<${Empty} title=${t('overview.calm')} />`)}
      <//>
      <${Panel} title=${t('overview.behind')} note=${behind.length > MOST_GROUPS ? t('overview.behindMore', {n: count(behind.length - MOST_GROUPS)}) : ''} flush>
        <${Table} label=${t('overview.behind')} rows=${behind.slice(0, MOST_GROUPS)} keyOf=${(each) => `${each.group} ${each.topic}`}
          empty=${html`<${Empty} title=${t('overview.nobodyBehind')} />`}
          columns=${[
    {name: 'group', head: t('word.group'), cell: (each) => html`<a href=${at('groups', each.group)}>${each.group}</a>`},
    {name: 'topic', head: t('word.topic'), cell: (each) => html`<a href=${at('topics', each.topic)}>${each.topic}</a>`},
    {name: 'rate', head: t('lag.consumes'), num: true, cell: (each) => rate(each.consumesPerSecond)},
    {name: 'lag', head: t('word.lag'), num: true, cell: (each) => html`<${Bar} value=${each.lag} most=${most} show=${count} />`},
  ]} />
      <//>
    </div>`;
}
