// Dialogs. The browser's own element keeps the focus inside and closes with Esc.

import {Field, html, Told, useAct, useEffect, useRef, useState, Wrong} from '/view.js';
import {t} from '/words.js';

function Dialog({title, onClose, children}) {
  const own = useRef(null);
  useEffect(() => {
    const before = document.activeElement;
    own.current.showModal();
    return () => before?.isConnected && before.focus();
  }, []);
  return html`<dialog ref=${own} aria-labelledby="dialog-title" onClose=${onClose}>
    <div class="dialog-head"><h2 id="dialog-title">${title}</h2><button type="button" class="quiet" onClick=${() => own.current.close()} aria-label=${t('act.close')}>✕</button></div>
    ${children}
  </dialog>`;
}

/** A form in a dialog: `act()` does it, and the dialog closes when that succeeded. */
export function FormDialog({title, label, act, onClose, tone, ready = true, children}) {
  const doing = useAct(async () => {
    await act();
    onClose();
  });
  const submit = (event) => {
    event.preventDefault();
    if (ready) doing.run();
  };
  return html`<${Dialog} title=${title} onClose=${onClose}>
    <form onSubmit=${submit}>
      ${children}
      <${Wrong} problem=${doing.problem} />
      <div class="dialog-acts">
        <button type="button" onClick=${onClose}>${t('act.cancel')}</button>
        <button type="submit" class=${tone || 'primary'} disabled=${!ready || doing.busy}>${doing.busy ? t('state.working') : label}</button>
      </div>
    </form>
  <//>`;
}

/** Asks before something that cannot be taken back: `name` has to be typed in. */
export function Confirm({title, consequence, name, label, act, onClose}) {
  const [typed, setTyped] = useState('');
  return html`<${FormDialog} title=${title} label=${label} act=${act} onClose=${onClose} tone="danger" ready=${typed === name}>
    <p>${consequence}</p>
    <${Field} label=${html`<${Told} words=${t('confirm.type', {name})} />`} value=${typed} onInput=${setTyped} autofocus />
  <//>`;
}

/** Two states of a dialog: [shown, open(value), close]. */
export function useDialog() {
  const [shown, show] = useState(null);
  return [shown, (value = true) => show(value), () => show(null)];
}

const said = new Set();

/** Says something in passing, to be heard by screen readers, too. */
export function say(words) {
  said.forEach((listener) => listener(words));
}

export function Sayings() {
  const [words, setWords] = useState([]);
  useEffect(() => {
    let last = 0;
    const listener = (text) => {
      const id = last += 1;
      setWords((before) => [...before, {id, text}]);
      setTimeout(() => setWords((before) => before.filter((each) => each.id !== id)), 6000);
    };
    said.add(listener);
    return () => said.delete(listener);
  }, []);
  return html`<div class="sayings" role="status" aria-live="polite">${words.map((each) => html`<p key=${each.id}>${each.text}</p>`)}</div>`;
}
