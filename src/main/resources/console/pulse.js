// How the broker is, asked for while somebody looks at any page, so that charts have a past when they are opened.

import {all, get, path, readiness} from '/api.js';
import {repeat} from '/live.js';
import {isSystemGroup} from '/names.js';
import {useEffect, useState} from '/view.js';

export const EVERY_MILLIS = 3000;
export const KEPT_MILLIS = 10 * 60 * 1000;

/** {broker, cluster, figures, health, lags, problem, samples}; replaced whole. */
let now = {samples: []};
const listeners = new Set();

/** What a counter grew by, per second; not a number over a restart. */
function perSecond(before, after, seconds) {
  return before === undefined || after < before || seconds <= 0 ? NaN : (after - before) / seconds;
}

function sample(figures, lag, last) {
  const taken = {
    at: Date.parse(figures.now),
    puts: figures.puts.messages,
    gets: figures.gets.messages,
    putBytes: figures.puts.bytes,
    getBytes: figures.gets.bytes,
    logBytes: figures.logBytes,
    diskUsed: figures.diskUsed,
    lag,
  };
  const seconds = last ? (taken.at - last.at) / 1000 : 0;
  // What came while nobody looked would be one high tower at the end of it.
  const joined = last && seconds * 1000 <= 4 * EVERY_MILLIS ? last : {};
  return {
    ...taken,
    putRate: perSecond(joined.puts, taken.puts, seconds),
    getRate: perSecond(joined.gets, taken.gets, seconds),
    putByteRate: perSecond(joined.putBytes, taken.putBytes, seconds),
    getByteRate: perSecond(joined.getBytes, taken.getBytes, seconds),
  };
}

async function beat(signal) {
  try {
    const cluster = now.cluster || await get('/cluster', {signal});
    const broker = (cluster.brokers.find((each) => each.self) || cluster.brokers[0]).name;
    const [figures, health, lags] = await Promise.all([
      get(path`/brokers/${broker}`, {signal}),
      readiness(signal),
      all('/lag', {signal}),
    ]);
    if (signal.aborted) return;
    const behind = lags.items.filter((each) => !isSystemGroup(each.group));
    const lag = behind.reduce((sum, each) => sum + each.lag, 0);
    const oldest = Date.parse(figures.now) - KEPT_MILLIS;
    const samples = [...now.samples.filter((each) => each.at >= oldest), sample(figures, lag, now.samples.at(-1))];
    now = {cluster, broker, figures, health, lags: behind, samples};
  } catch (problem) {
    if (signal.aborted) return;
    // The cluster is asked for anew: another broker may answer at this address now.
    now = {...now, cluster: undefined, problem};
  }
  listeners.forEach((listener) => listener(now));
}

/** Starts to ask. */
export function startPulse() {
  repeat(beat, EVERY_MILLIS);
}

export function usePulse() {
  const [state, setState] = useState(now);
  useEffect(() => {
    listeners.add(setState);
    setState(now);
    return () => listeners.delete(setState);
  }, []);
  return state;
}
