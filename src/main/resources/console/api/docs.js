// Shows the OpenAPI document of this server. Everything from it becomes text, never markup.

/** Makes an element with children; a string becomes text, with `code` where it is between backticks. */
function element(name, className, ...children) {
  const made = document.createElement(name);
  if (className) made.className = className;
  for (const child of children) {
    if (typeof child !== 'string') made.append(child);
    else child.split('`').forEach((part, i) => made.append(i % 2 ? element('code', '', document.createTextNode(part)) : part));
  }
  return made;
}

function table(head, rows) {
  const cells = (kind, row) => element('tr', '', ...row.map((cell) => element(kind, '', cell)));
  return element('table', '', element('thead', '', cells('th', head)), element('tbody', '', ...rows.map((row) => cells('td', row))));
}

function resolve(api, given) {
  if (!given || !given.$ref) return given || {};
  return given.$ref.slice(2).split('/').reduce((at, step) => at[step], api);
}

function typeOf(api, schema, depth = 0) {
  if (schema.$ref) return schema.$ref.split('/').pop();
  if (schema.oneOf) return schema.oneOf.map((each) => typeOf(api, each, depth)).join(' or ');
  if (schema.type === 'array') return `array of ${typeOf(api, schema.items || {}, depth + 1)}`;
  if (schema.enum) return schema.enum.join(', ');
  return schema.type || 'anything';
}

function operation(api, path, method, given) {
  const parts = [element('summary', '', element('span', 'method', method.toUpperCase()), element('code', '', document.createTextNode(path)), ` ${given.summary}`)];
  if (given.description) parts.push(element('p', '', given.description));
  const parameters = (given.parameters || []).map((each) => resolve(api, each));
  if (parameters.length) {
    parts.push(table(['parameter', 'in', 'type', 'meaning'], parameters.map((each) =>
      [`\`${each.name}\`${each.required ? ' (required)' : ''}`, each.in, typeOf(api, each.schema), each.description || ''])));
  }
  const bodies = Object.entries((given.requestBody || {}).content || {});
  if (bodies.length) {
    parts.push(table(['body', 'type'], bodies.map(([type, body]) => [`\`${type}\``, typeOf(api, body.schema)])));
  }
  parts.push(table(['answer', 'meaning', 'type'], Object.entries(given.responses).map(([status, each]) => {
    const answer = resolve(api, each);
    const content = Object.values(answer.content || {})[0];
    return [status, answer.description, content ? typeOf(api, content.schema) : ''];
  })));
  const made = element('details', '', ...parts);
  made.id = given.operationId;
  return made;
}

function shapes(api) {
  return Object.entries(api.components.schemas).map(([name, schema]) => element('details', '',
    element('summary', '', name),
    element('p', '', schema.description || ''),
    table(['field', 'type', 'meaning'], Object.entries(schema.properties || {}).map(([field, each]) =>
      [`\`${field}\`${(schema.required || []).includes(field) ? ' (required)' : ''}`, typeOf(api, each), each.description || '']))));
}

const api = await (await fetch('/api/v1/openapi.json')).json();
const page = document.getElementById('page');
page.append(element('p', '', api.info.description));
for (const tag of api.tags) {
  page.append(element('h2', '', tag.name), element('p', '', tag.description));
  for (const [path, item] of Object.entries(api.paths)) {
    for (const [method, given] of Object.entries(item)) {
      if (given.tags.includes(tag.name)) page.append(operation(api, path, method, given));
    }
  }
}
page.append(element('h2', '', 'shapes'), ...shapes(api));
