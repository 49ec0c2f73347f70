// Lines over time, drawn as SVG; labels are text beside it, so that they keep their shape.

import {html, useRef, useState} from '/view.js';
import {clock, NONE} from '/words.js';

const WIDTH = 600;
const HEIGHT = 120;

/** The next number above `value` that reads well. */
function ceiling(value, step) {
  if (value <= 0) return step === 1024 ? 1024 : 1;
  const base = step === 1024 ? 1024 ** Math.floor(Math.log(value) / Math.log(1024)) : 1;
  const scaled = value / base;
  const power = 10 ** Math.floor(Math.log10(scaled));
  const nice = [1, 1.5, 2, 3, 4, 5, 6, 8, 10].find((each) => each * power >= scaled);
  return nice * power * base;
}

function pathOf(points, x, y, gapMillis) {
  let made = '';
  let before = null;
  for (const {at, value} of points) {
    if (!Number.isFinite(value)) {
      before = null;
      continue;
    }
    made += `${before !== null && at - before <= gapMillis ? 'L' : 'M'}${x(at).toFixed(1)} ${y(value).toFixed(1)}`;
    before = at;
  }
  return made;
}

function areaOf(points, x, y, gapMillis) {
  let made = '';
  let run = [];
  const close = () => {
    if (run.length > 1) {
      made += `M${x(run[0].at).toFixed(1)} ${HEIGHT}`;
      for (const each of run) made += `L${x(each.at).toFixed(1)} ${y(each.value).toFixed(1)}`;
      made += `L${x(run[run.length - 1].at).toFixed(1)} ${HEIGHT}Z`;
    }
    run = [];
  };
  for (const each of points) {
    if (!Number.isFinite(each.value)) {
      close();
      continue;
    }
    if (run.length && each.at - run[run.length - 1].at > gapMillis) close();
    run.push(each);
  }
  close();
  return made;
}

/**
 * A chart with its figures now.
 *
 * `series`: [{name, points: [{at, value}], tone}], at in milliseconds; `show(value)` writes a value; `spanMillis` is its
 * width; `most` its height where that is given; points further apart than `gapMillis` are not joined; `step` 1024 for bytes.
 */
export function Chart({title, series, show, spanMillis, gapMillis, most, step = 10}) {
  const [pointed, setPointed] = useState(null);
  const drawing = useRef(null);
  const now = Math.max(...series.map((each) => each.points.at(-1)?.at ?? 0)) || Date.now();
  const from = now - spanMillis;
  const values = series.flatMap((each) => each.points.filter((point) => point.at >= from && Number.isFinite(point.value)).map((point) => point.value));
  const top = most ?? ceiling(Math.max(0, ...values), step);
  const x = (time) => ((time - from) / spanMillis) * WIDTH;
  const y = (value) => HEIGHT - (value / top) * (HEIGHT - 4) - 1;
  const near = (points) => {
    if (pointed === null) return points.at(-1);
    return points.reduce((best, each) => (best && Math.abs(best.at - pointed) <= Math.abs(each.at - pointed) ? best : each), null);
  };
  const point = (event) => {
    const box = drawing.current.getBoundingClientRect();
    setPointed(from + ((event.clientX - box.left) / box.width) * spanMillis);
  };
  const shownAt = pointed === null ? null : near(series[0].points)?.at;
  const told = series.map((each) => [each, near(each.points)]);
  const description = `${title}: ${told.map(([each, value]) => `${each.name} ${value ? show(value.value) : NONE}`).join(', ')}`;
  return html`<figure class="chart">
    <figcaption>
      <span class="chart-title">${title}</span>
      <span class="chart-now">${told.map(([each, value]) => html`<span key=${each.name} class=${`chart-value ${each.tone}`}><b>${value ? show(value.value) : NONE}</b> <span>${each.name}</span></span>`)}</span>
    </figcaption>
    <div class="chart-box">
      <span class="chart-top" aria-hidden="true">${show(top)}</span>
      <svg ref=${drawing} viewBox=${`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label=${description}
        onPointerMove=${point} onPointerLeave=${() => setPointed(null)}>
        <path class="chart-grid" d=${`M0 1H${WIDTH}M0 ${HEIGHT / 2}H${WIDTH}M0 ${HEIGHT - 1}H${WIDTH}`} />
        ${series.map((each) => {
    const inside = each.points.filter((point) => point.at >= from - gapMillis);
    return html`<g key=${each.name} class=${each.tone}><path class="chart-area" d=${areaOf(inside, x, y, gapMillis)} /><path class="chart-line" d=${pathOf(inside, x, y, gapMillis)} /></g>`;
  })}
        ${shownAt !== null && shownAt >= from && html`<path class="chart-cross" d=${`M${x(shownAt)} 0V${HEIGHT}`} />`}
      </svg>
      <div class="chart-times" aria-hidden="true"><span>${clock(new Date(from))}</span>${shownAt ? html`<span>${clock(new Date(shownAt))}</span>` : ''}<span>${clock(new Date(now))}</span></div>
    </div>
  </figure>`;
}

/** A number with a bar that shows its share of `most`. */
export function Bar({value, most, show}) {
  const share = most > 0 ? Math.max(0, Math.min(1, value / most)) : 0;
  return html`<span class="bar"><span class="bar-track" aria-hidden="true"><span class="bar-fill" style=${{width: `${(share * 100).toFixed(1)}%`}}></span></span><span class="bar-value">${show(value)}</span></span>`;
}
