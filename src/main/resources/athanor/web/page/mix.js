// @ts-check
// Step 3: ratios, and what they come to.
import { useEffect, useRef, useState } from 'preact/hooks';
import { get, post } from './api.js';
import { Effects } from './heat.js';
import { Copy, Do, ProblemBox, Step, html } from './parts.js';
import { balanced } from './push.js';
import { count, ratio, short, typed } from './words.js';

const SEND_AFTER_MS = 150;

/**
 * Ratios as the user has them now; the server hears of them a moment later.
 * @param {any[]} items
 */
function useRatios(items) {
  const [own, setOwn] = useState(/** @type {Record<number, {ratio: number, te?: number}>} */ ({}));
  const timers = useRef(/** @type {Record<number, any>} */ ({}));
  useEffect(() => {
    const same = items.filter(item => own[item.id] && own[item.id].ratio === item.ratio && own[item.id].te === item.te);
    if (same.length) {
      setOwn(old => Object.fromEntries(Object.entries(old).filter(([id]) => !same.some(item => String(item.id) === id))));
    }
  }, [items]);
  const weightOf = (/** @type {any} */ item) => own[item.id] ?? { ratio: item.ratio, te: item.te };
  const set = (/** @type {any} */ item, /** @type {{ratio: number, te?: number}} */ next) => {
    setOwn(old => ({ ...old, [item.id]: next }));
    clearTimeout(timers.current[item.id]);
    timers.current[item.id] = setTimeout(
      () => post('weigh', { item: item.id, ...next }).catch(() => setOwn({})), SEND_AFTER_MS);
  };
  return { weightOf, set };
}

/**
 * A ratio as slider and number.
 * @param {{id: string, label: string, spoken: string, value: number, onValue: (value: number) => void, most?: number}} props
 */
function Ratio({ id, label, spoken, value, onValue, most = 1.5 }) {
  const [text, setText] = useState(/** @type {string | null} */ (null));
  const wrong = text !== null && typed(text) === null;
  const type = (/** @type {any} */ event) => {
    setText(event.target.value);
    const number = typed(event.target.value);
    if (number !== null) onValue(number);
  };
  return html`
    <div class="ratio">
      <label for=${id}>${label}</label>
      <input type="range" min=${Math.min(0, value)} max=${Math.max(most, value)} step="0.05" value=${value}
        aria-label=${spoken} aria-valuetext=${ratio(value)}
        onInput=${(/** @type {any} */ e) => { setText(null); onValue(Number(e.target.value)); }} />
      <input id=${id} type="text" inputmode="decimal" autocomplete="off" value=${text ?? ratio(value)}
        aria-invalid=${wrong} aria-describedby=${wrong ? `${id}-wrong` : undefined}
        onInput=${type} onBlur=${() => setText(null)} />
      ${wrong && html`<p id=${`${id}-wrong`} class="wrong" role="alert">A number such as 0.5</p>`}
    </div>`;
}

/** @param {{item: any, number: number, weight: {ratio: number, te?: number}, onWeight: (w: any) => void}} props */
function Lora({ item, number, weight, onWeight }) {
  return html`
    <li class=${item.on ? '' : 'off'}>
      <div class="head">
        <span class="name">${number}. ${item.name}</span>
        <${Do} what="turn" kind="plain" fields=${{ item: item.id, on: !item.on }}
          label=${`${item.on ? 'Leave out' : 'Take in'}: ${item.name}`}>${item.on ? 'Leave out' : 'Take in'}</${Do}>
      </div>
      ${item.on && html`
        <${Ratio} id=${`ratio-${item.id}`} label="Ratio" spoken=${`${item.name}, ratio`} value=${weight.ratio}
          onValue=${(/** @type {number} */ value) => onWeight({ ...weight, ratio: value })} />
        <details open=${item.te !== undefined}>
          <summary>More</summary>
          <label class="check">
            <input type="checkbox" checked=${weight.te !== undefined}
              onChange=${(/** @type {any} */ e) => onWeight({ ratio: weight.ratio, ...(e.target.checked ? { te: weight.ratio } : {}) })} />
            Its own ratio for the text encoder
          </label>
          ${weight.te !== undefined && html`
            <${Ratio} id=${`te-${item.id}`} label="Text encoder" spoken=${`${item.name}, ratio of the text encoder`} value=${weight.te}
              onValue=${(/** @type {number} */ value) => onWeight({ ...weight, te: value })} />`}
          ${item.parts && html`<p class="soft">Weights of its parts: ${item.parts}</p>`}
        </details>
        ${item.trigger_words.length > 0 && html`
          <p class="words"><span class="soft">Trigger words:</span> ${item.trigger_words.join(', ')}
            <${Copy} text=${item.trigger_words.join(', ')}>Copy</${Copy}></p>`}`}
    </li>`;
}

/** @param {{item: any, weight: {ratio: number}, onWeight: (w: any) => void}} props */
const Mixed = ({ item, weight, onWeight }) => html`
  <li class=${item.on ? '' : 'off'}>
    <div class="head">
      <span class="name">${item.name}</span>
      <${Do} what="turn" kind="plain" fields=${{ item: item.id, on: !item.on }}
        label=${`${item.on ? 'Leave out' : 'Take in'}: ${item.name}`}>${item.on ? 'Leave out' : 'Take in'}</${Do}>
    </div>
    ${item.on && html`<${Ratio} id=${`share-${item.id}`} label=${item.minus ? 'Strength' : 'Share'} spoken=${`${item.name}, share`}
      most=${1} value=${weight.ratio} onValue=${(/** @type {number} */ value) => onWeight({ ...weight, ratio: value })} />
    <p class="soft">${item.minus ? `Adds what it has and ${item.minus} has not.` : `The base keeps ${ratio(1 - weight.ratio)}.`}</p>`}
  </li>`;

/** What was measured; fetched when there is something new. @param {number} version */
function useMeasured(version) {
  const [measured, setMeasured] = useState(/** @type {any} */ (null));
  useEffect(() => {
    let wanted = true;
    if (version > 0) get('analysis').then(found => wanted && setMeasured(found?.analysis ? found : null));
    else setMeasured(null);
    return () => { wanted = false; };
  }, [version]);
  return measured;
}

/** @param {{analysis: any}} props */
function Measuring({ analysis }) {
  const at = analysis.progress;
  return html`<p class="soft">Measuring what they do …
    ${at?.total_items > 0 && html`<progress max=${at.total_items} value=${at.items} aria-label="Measuring"></progress>`}</p>`;
}

/** @param {{state: any}} props */
export function Mix({ state }) {
  const loras = state.items.filter((/** @type {any} */ item) => item.kind === 'lora' && !item.base);
  const mixed = state.items.filter((/** @type {any} */ item) => item.mixed && !item.base);
  const { weightOf, set } = useRatios(state.items);
  const measured = useMeasured(state.analysis.version);
  const known = measured && measured.items.every((/** @type {number} */ id) => loras.some((/** @type {any} */ item) => item.id === id))
    ? measured.items.map((/** @type {number} */ id) => loras.find((/** @type {any} */ item) => item.id === id))
    : null;
  const weights = known?.map((/** @type {any} */ item) => ({ on: item.on, ...weightOf(item) }));
  const balance = () => balanced(measured.analysis.components, weights).forEach((value, i) => {
    const item = known[i];
    const rounded = Math.round(value * 1000) / 1000;
    if (item.on && rounded !== weightOf(item).ratio) set(item, { ...weightOf(item), ratio: rounded });
  });
  const on = loras.filter((/** @type {any} */ item) => item.on).length;
  return html`
    <${Step} id="mix" number=${3} title="Mix" says=${loras.length
      ? `${count(on, 'LoRA')} taken in. A ratio is the strength that you would write in a prompt.`
      : 'Each LoRA gets a ratio here.'}>
      <ul class="loras">
        ${mixed.map((/** @type {any} */ item) => html`<${Mixed} key=${item.id} item=${item} weight=${weightOf(item)}
          onWeight=${(/** @type {any} */ next) => set(item, next)} />`)}
        ${loras.map((/** @type {any} */ item, /** @type {number} */ i) => html`<${Lora} key=${item.id} number=${i + 1} item=${item} weight=${weightOf(item)}
          onWeight=${(/** @type {any} */ next) => set(item, next)} />`)}
      </ul>
      ${known && on > 1 && html`<p class="buttons"><button type="button" onClick=${balance}>Make them equally loud</button></p>`}
      ${state.analysis.state === 'running' && html`<${Measuring} analysis=${state.analysis} />`}
      ${state.analysis.state === 'failed' && html`<${ProblemBox} problem=${state.analysis.problem} />`}
      ${known && html`<${Effects} measured=${measured} names=${known.map((/** @type {any} */ item) => ({ number: loras.indexOf(item) + 1, short: short(item.name), full: item.name }))} weights=${weights} />`}
      ${!known && state.check?.downloads.some((/** @type {any} */ d) => !d.here) && !state.check.problem
        && html`<p class="soft">What they do to the base is shown once the files are on this computer.</p>`}
      ${state.recipe && html`
        <details>
          <summary>As a recipe or a command</summary>
          <pre tabindex="0">${state.recipe}</pre>
          <p class="buttons"><${Copy} text=${state.recipe}>Copy the recipe</${Copy}>
            ${state.command && html`<${Copy} text=${state.command}>Copy the command</${Copy}>`}</p>
        </details>`}
    </${Step}>`;
}
