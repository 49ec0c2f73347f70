// What is said, in the reader's language, and how numbers and times are written.

export const LANGUAGES = {en: 'English', zh: '中文'};

let language = 'en';
let words = {};
let number = new Intl.NumberFormat('en');
let decimal = new Intl.NumberFormat('en', {maximumFractionDigits: 1});

function remembered() {
  try {
    return localStorage.getItem('vostok.language');
  } catch {
    return null;
  }
}

/** The language that was chosen before, or else the browser's. */
export function wantedLanguage() {
  const chosen = remembered();
  if (Object.hasOwn(LANGUAGES, chosen)) return chosen;
  return (navigator.language || '').toLowerCase().startsWith('zh') ? 'zh' : 'en';
}

export async function speak(wanted) {
  const answer = await fetch(`/words/${wanted}.json`);
  words = await answer.json();
  language = wanted;
  number = new Intl.NumberFormat(wanted === 'zh' ? 'zh-CN' : 'en');
  decimal = new Intl.NumberFormat(wanted === 'zh' ? 'zh-CN' : 'en', {maximumFractionDigits: 1});
  document.documentElement.lang = wanted === 'zh' ? 'zh-CN' : 'en';
}

/** Speaks another language from now on, also when the page is opened the next time. */
export async function speakAlways(wanted) {
  await speak(wanted);
  try {
    localStorage.setItem('vostok.language', wanted);
  } catch {
    // Then it holds until the page is left.
  }
}

export const spoken = () => language;

/** The text of a key, with what is between braces put in. */
export function t(key, values) {
  const text = words[key];
  if (text === undefined) {
    console.error(`no words for ${key} in ${language}`);
    return key;
  }
  return values ? text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole)) : text;
}

export const NONE = '–';

export const count = (value) => (Number.isFinite(value) ? number.format(value) : NONE);

export const rate = (value) => (Number.isFinite(value) ? (Math.abs(value) < 100 ? decimal : number).format(Math.abs(value) < 100 ? value : Math.round(value)) : NONE);

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

export function bytes(value) {
  if (!Number.isFinite(value)) return NONE;
  let at = 0;
  let shown = value;
  while (Math.abs(shown) >= 1024 && at < UNITS.length - 1) {
    shown /= 1024;
    at += 1;
  }
  return `${at === 0 ? number.format(Math.round(shown)) : decimal.format(shown)} ${UNITS[at]}`;
}

export const percent = (ratio) => (Number.isFinite(ratio) ? `${decimal.format(ratio * 100)} %` : NONE);

const two = (value) => String(value).padStart(2, '0');

/** A time of the server, in the reader's time zone. */
export function time(iso) {
  if (!iso) return NONE;
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return String(iso);
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${clock(at)}`;
}

export const clock = (at) => `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;

/** A length of time in its two largest units. */
export function span(millis) {
  if (!Number.isFinite(millis)) return NONE;
  const seconds = Math.max(0, Math.round(millis / 1000));
  const parts = [[86400, 'd'], [3600, 'h'], [60, 'min'], [1, 's']];
  const first = parts.findIndex(([size]) => seconds >= size);
  if (first < 0) return '0 s';
  const [size, unit] = parts[first];
  const next = parts[first + 1];
  const rest = next ? Math.floor((seconds % size) / next[0]) : 0;
  return `${Math.floor(seconds / size)} ${unit}${rest ? ` ${rest} ${next[1]}` : ''}`;
}

/** What a field of type `datetime-local` holds, as the API takes it. */
export const fromLocal = (text) => (text ? new Date(text).toISOString() : undefined);

/** A moment as a field of type `datetime-local` holds it. */
export function toLocal(at) {
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}T${clock(at)}`;
}
