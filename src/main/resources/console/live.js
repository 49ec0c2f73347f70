// What is asked for again and again, as long as somebody looks.

import {useEffect, useRef, useState} from '/lib/htm.js';

const listeners = new Set();
let paused = false;

const looking = () => !paused && document.visibilityState === 'visible';

export const isPaused = () => paused;

export function pause(wanted) {
  paused = wanted;
  listeners.forEach((listener) => listener());
}

document.addEventListener('visibilitychange', () => listeners.forEach((listener) => listener()));

/** Calls `wake` when refreshing stops or goes on; returns what ends that. */
export function whenLooking(wake) {
  listeners.add(wake);
  return () => listeners.delete(wake);
}

/**
 * Runs `task(signal)` at once and, while somebody looks, `everyMillis` after it was done; 0 for once only.
 * Returns {run, end}. A failure is the task's own to tell.
 */
export function repeat(task, everyMillis) {
  const abort = new AbortController();
  let timer = 0;
  let running = false;
  let wanted = false;
  async function run() {
    clearTimeout(timer);
    if (running) {
      wanted = true;
      return;
    }
    running = true;
    do {
      wanted = false;
      await task(abort.signal);
    } while (wanted && !abort.signal.aborted);
    running = false;
    if (everyMillis && looking() && !abort.signal.aborted) timer = setTimeout(run, everyMillis);
  }
  const forget = everyMillis ? whenLooking(() => (looking() ? run() : clearTimeout(timer))) : () => {};
  run();
  return {
    run,
    end() {
      abort.abort();
      clearTimeout(timer);
      forget();
    },
  };
}

/**
 * Loads data for a component and keeps it fresh: {data, problem, loading, reload}. After a failure the last data stays.
 * `inputs` are what `load(signal)` depends on: when they change, data is forgotten and loaded anew.
 */
export function useLive(load, everyMillis = 0, inputs = []) {
  const [state, setState] = useState({loading: true});
  const repeated = useRef(null);
  useEffect(() => {
    setState({loading: true});
    const own = repeat(async (signal) => {
      try {
        const data = await load(signal);
        if (!signal.aborted) setState({data, loading: false});
      } catch (problem) {
        if (!signal.aborted) setState((before) => ({...before, problem, loading: false}));
      }
    }, everyMillis);
    repeated.current = own;
    return own.end;
  }, inputs);
  return {...state, reload: () => repeated.current?.run()};
}
