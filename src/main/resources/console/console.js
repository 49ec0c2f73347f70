// The frame around the pages, and which of them is shown.

import {render} from '/lib/htm.js';
import {version} from '/api.js';
import {Sayings} from '/dialog.js';
import {isPaused, pause} from '/live.js';
import {startPulse, usePulse} from '/pulse.js';
import {at, Empty, html, Icon, useEffect, useState} from '/view.js';
import {LANGUAGES, speak, speakAlways, spoken, t, wantedLanguage} from '/words.js';
import {Brokers} from '/pages/brokers.js';
import {Clients} from '/pages/clients.js';
import {DeadLetters} from '/pages/dead-letters.js';
import {Group} from '/pages/group.js';
import {Groups} from '/pages/groups.js';
import {Message} from '/pages/message.js';
import {Messages} from '/pages/messages.js';
import {Overview} from '/pages/overview.js';
import {Timers} from '/pages/timers.js';
import {Topic} from '/pages/topic.js';
import {Topics} from '/pages/topics.js';
import {Transactions} from '/pages/transactions.js';

const SECTIONS = [
  ['overview'],
  ['topics', 'groups', 'messages'],
  ['dead-letters', 'timers', 'transactions'],
  ['clients', 'brokers'],
];

/** What the address behind # asks for. */
function place() {
  const [steps, query] = location.hash.replace(/^#\/?/, '').split('?');
  let names;
  try {
    names = steps.split('/').map(decodeURIComponent);
  } catch {
    names = ['?'];
  }
  return {section: names[0] || 'overview', names: names.slice(1), query: Object.fromEntries(new URLSearchParams(query))};
}

function page({section, names, query}) {
  switch (section) {
    case 'overview': return html`<${Overview} />`;
    case 'topics': return names[0]
      ? html`<${Topic} key=${names[0]} name=${names[0]} tab=${names[1]} />`
      : html`<${Topics} query=${query} />`;
    case 'groups': return names[0]
      ? html`<${Group} key=${names[0]} name=${names[0]} tab=${names[1]} query=${query} />`
      : html`<${Groups} />`;
    case 'messages': return names[1]
      ? html`<${Message} key=${names[1]} topic=${names[0]} id=${names[1]} />`
      : html`<${Messages} query=${query} />`;
    case 'dead-letters': return html`<${DeadLetters} query=${query} />`;
    case 'timers': return html`<${Timers} query=${query} />`;
    case 'transactions': return html`<${Transactions} query=${query} />`;
    case 'clients': return html`<${Clients} query=${query} />`;
    case 'brokers': return html`<${Brokers} name=${names[0]} tab=${names[1]} />`;
    default: return html`<${Empty} title=${t('state.noPage')}><a href=${at('overview')}>${t('nav.overview')}</a><//>`;
  }
}

function Health() {
  const {figures, health, problem} = usePulse();
  if (problem) return html`<span class="health bad"><span class="dot"></span>${problem.status ? t('health.down') : t('health.unreached')}</span>`;
  if (!figures || !health) return html`<span class="health"><span class="dot"></span>${t('state.loading')}</span>`;
  const up = health.status === 'UP' && figures.writable;
  return html`<span class=${`health ${up ? 'good' : 'bad'}`} title=${health.reason}><span class="dot"></span>${up ? t('health.up') : t('health.down')}<span class="health-name">${figures.name}</span></span>`;
}

const THEMES = ['auto', 'light', 'dark'];

function useTheme() {
  const [theme, setTheme] = useState(document.documentElement.dataset.theme || 'auto');
  const choose = (wanted) => {
    if (wanted === 'auto') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = wanted;
    try {
      localStorage.setItem('vostok.theme', wanted);
    } catch {
      // Then it holds until the page is left.
    }
    setTheme(wanted);
  };
  return [theme, () => choose(THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length])];
}

function Shell() {
  const [where, setWhere] = useState(place());
  const [menu, setMenu] = useState(false);
  const [theme, nextTheme] = useTheme();
  const [stopped, setStopped] = useState(isPaused());
  const [, setLanguage] = useState(spoken());
  const [program, setProgram] = useState('');

  useEffect(() => {
    const moved = () => {
      setWhere((before) => {
        const next = place();
        if (before.section !== next.section || before.names[0] !== next.names[0]) {
          window.scrollTo(0, 0);
          requestAnimationFrame(() => document.getElementById('title')?.focus({preventScroll: true}));
        }
        return next;
      });
      setMenu(false);
    };
    window.addEventListener('hashchange', moved);
    version().then((told) => setProgram(told.version), () => setProgram(''));
    return () => window.removeEventListener('hashchange', moved);
  }, []);

  const turn = () => {
    pause(!stopped);
    setStopped(!stopped);
  };
  const translate = async (event) => {
    await speakAlways(event.target.value);
    setLanguage(spoken());
  };
  const skip = (event) => {
    event.preventDefault();
    document.getElementById('main').focus();
  };
  return html`
    <a class="skip" href="#main" onClick=${skip}>${t('nav.skip')}</a>
    <header class="bar-top">
      <button type="button" class="menu quiet" aria-expanded=${menu} aria-controls="nav" onClick=${() => setMenu(!menu)} aria-label=${t('nav.menu')}><${Icon} name="menu" /></button>
      <a class="brand" href=${at('overview')}><img src="/icon.svg" alt="" width="22" height="22" />Vostok</a>
      <${Health} />
      <div class="switches">
        <button type="button" class="quiet" aria-pressed=${stopped} onClick=${turn} title=${stopped ? t('live.resume') : t('live.pause')}><${Icon} name=${stopped ? 'play' : 'pause'} /><span class="switch-word">${stopped ? t('live.paused') : t('live.live')}</span></button>
        <button type="button" class="quiet" onClick=${nextTheme} title=${t('theme.next')}><${Icon} name="theme" /><span class="switch-word">${t(`theme.${theme}`)}</span></button>
        <select aria-label=${t('nav.language')} onChange=${translate}>${Object.entries(LANGUAGES).map(([each, name]) => html`<option key=${each} value=${each} selected=${each === spoken()}>${name}</option>`)}</select>
      </div>
    </header>
    <div class="frame">
      <nav id="nav" class=${menu ? 'nav open' : 'nav'} aria-label=${t('nav.pages')}>
        ${SECTIONS.map((names) => html`<ul key=${names[0]}>${names.map((name) => html`<li key=${name}><a href=${at(name)} aria-current=${name === where.section ? 'page' : undefined}><${Icon} name=${name} />${t(`nav.${name}`)}</a></li>`)}</ul>`)}
        <ul><li><a href="/api/docs"><${Icon} name="api" />${t('nav.api')}</a></li></ul>
        <p class="program">${program && `Vostok ${program}`}</p>
      </nav>
      <main id="main" tabindex="-1">${page(where)}</main>
    </div>
    <${Sayings} />`;
}

await speak(wantedLanguage());
startPulse();
const app = document.getElementById('app');
app.replaceChildren();
render(html`<${Shell} />`, app);
