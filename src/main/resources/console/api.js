// The HTTP API of the server that delivered this page.

/** What the server refused, or that it was not reached; `remark` says what is wrong, `hint` what to do. */
class Problem extends Error {
  constructor(status, told) {
    super(told.remark || told.reason || told.detail || told.title || `HTTP ${status}`);
    this.status = status;
    this.code = told.code;
    this.remark = this.message;
    this.hint = told.hint || '';
  }
}

/** Tag of a template that is a path: what is put in is percent-encoded. */
export function path(texts, ...values) {
  return texts.reduce((made, text, i) => made + encodeURIComponent(values[i - 1]) + text);
}

function withQuery(target, query) {
  const wanted = Object.entries(query || {}).filter(([, value]) => value !== undefined && value !== null && value !== '');
  if (!wanted.length) return target;
  return `${target}?${wanted.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join('&')}`;
}

async function call(method, target, {query, body, signal} = {}) {
  let answer;
  try {
    answer = await fetch(withQuery(target, query), {
      method,
      signal,
      headers: body === undefined ? {} : {'content-type': 'application/json'},
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch (failure) {
    if (failure.name === 'AbortError') throw failure;
    throw new Problem(0, {unreached: true, remark: failure.message});
  }
  const text = await answer.text();
  let told = {};
  try {
    told = text ? JSON.parse(text) : {};
  } catch {
    told = {remark: text.slice(0, 500)};
  }
  if (!answer.ok) throw new Problem(answer.status, told);
  return told;
}

const V1 = '/api/v1';

export const get = (target, options) => call('GET', V1 + target, options);
export const post = (target, body, options) => call('POST', V1 + target, {...options, body});
export const patch = (target, body) => call('PATCH', V1 + target, {body});
export const remove = (target, query) => call('DELETE', V1 + target, {query});

/** Whether traffic may come here, and why not. */
export async function readiness(signal) {
  try {
    return await call('GET', '/health/ready', {signal});
  } catch (problem) {
    if (problem.status !== 503) throw problem;
    return {status: 'DOWN', reason: problem.remark};
  }
}

export const version = () => call('GET', '/version');

/** Address of a stream of events. */
export const streamAddress = (target, query) => withQuery(V1 + target, query);

/** All elements of a list, page by page, but no more than `most`; `more` says whether there are. */
export async function all(target, {query, signal, most = 2000} = {}) {
  const items = [];
  let next;
  do {
    const page = await get(target, {query: {...query, limit: 500, next}, signal});
    items.push(...page.items);
    next = page.next;
  } while (next && items.length < most);
  return {items, more: Boolean(next)};
}

const MOST_EMPTY_PAGES = 20;

/** The first page from `query.next` on that has elements: a filter may let none of a page pass, and there is a next all the same. */
export async function some(target, {query, signal} = {}) {
  let page = await get(target, {query, signal});
  for (let pages = 1; !page.items.length && page.next && pages < MOST_EMPTY_PAGES; pages += 1) {
    page = await get(target, {query: {...query, next: page.next}, signal});
  }
  return page;
}
