// Acts on many at once, and which rows of a list are chosen.

import {post} from '/api.js';
import {say} from '/dialog.js';
import {html, useState} from '/view.js';
import {count, t} from '/words.js';

const AT_ONCE = 256;

/** Posts `ids` to an action, in portions; says how many were done, throws what was refused first. */
export async function onAll(target, ids, words) {
  let accepted = 0;
  let refused = null;
  for (let from = 0; from < ids.length; from += AT_ONCE) {
    const answer = await post(target, {ids: ids.slice(from, from + AT_ONCE)});
    accepted += answer.accepted;
    refused ||= answer.items.find((each) => each.remark);
  }
  if (accepted) say(t(words, {n: count(accepted)}));
  if (refused) throw Object.assign(new Error(refused.remark), refused);
}

/** {chosen, column, clear}: the ids that are ticked, and the column to tick them in. */
export function useChosen(rows, nameOf) {
  const [ticked, setTicked] = useState(new Set());
  const chosen = rows.filter((each) => ticked.has(each.id)).map((each) => each.id);
  const tick = (ids, on) => setTicked((before) => {
    const next = new Set(before);
    ids.forEach((id) => (on ? next.add(id) : next.delete(id)));
    return next;
  });
  const column = {
    name: 'tick',
    head: html`<input type="checkbox" aria-label=${t('act.chooseAll')} checked=${rows.length > 0 && chosen.length === rows.length} onChange=${(event) => tick(rows.map((each) => each.id), event.target.checked)} />`,
    cell: (each) => html`<input type="checkbox" aria-label=${t('act.choose', {name: nameOf(each)})} checked=${ticked.has(each.id)} onChange=${(event) => tick([each.id], event.target.checked)} />`,
  };
  return {chosen, column, clear: () => setTicked(new Set())};
}
