// @ts-check
// What the LoRAs do to the base: total push, block by block, and to each other.
import { html } from './parts.js';
import { cosinesOf, together } from './push.js';
import { percent } from './words.js';

/** The shade of a share of the base, 0 to 9, by its logarithm: 0.1 % to 30 %. @param {number} share */
const shade = share =>
  share > 0 ? Math.max(0, Math.min(9, Math.round((9 * (Math.log10(share) + 3)) / 2.5))) : 0;

/** The shade of a share of everything together. @param {number} share */
const plainShade = share => Math.max(0, Math.min(9, Math.round(9 * share)));

/** @typedef {{number: number, short: string, full: string}} Name */

/** @param {{name: Name}} props */
const Head = ({ name }) => html`<th scope="col" title=${name.full}>${name.number}. ${name.short}</th>`;

/** @param {{title: string, areas: any[], names: Name[], weights: any[], scale: number}} props */
function Heat({ title, areas, names, weights, scale }) {
  return html`
    <h3>${title}</h3>
    <div class="scroll" tabindex="0" role="region" aria-label=${title}>
      <table class="heat" aria-label=${title}>
        <thead><tr><th scope="col">Part</th>
          ${names.map(name => html`<${Head} name=${name} />`)}<th scope="col">Together</th></tr></thead>
        <tbody>
          ${areas.map(area => {
            const { push, base, each } = together([area], weights);
            const cell = (/** @type {number} */ n) => {
              const share = n / (base || scale || 1);
              return html`<td class=${`s${base ? shade(share) : plainShade(share)}`}>${percent(share)}</td>`;
            };
            return html`<tr key=${area.area}><th scope="row">${area.area}</th>${each.map(cell)}${cell(push)}</tr>`;
          })}
        </tbody>
      </table>
    </div>`;
}

/** A cosine as it is shown. @param {number} value */
const shown = value => (Math.abs(value) < 0.005 ? '0.00' : value.toFixed(2).replace('-', '−'));

const MOST_PAIRS = 6;

/** What is worth saying of pairs, and all of them in a table. @param {{areas: any[], names: Name[], weights: any[], limits: any}} props */
function Pairs({ areas, names, weights, limits }) {
  const cosines = cosinesOf(areas, weights);
  const pairs = names
    .flatMap((one, i) => names.slice(i + 1).map((other, k) => ({ one, other, value: cosines[i][i + 1 + k] })))
    .filter(pair => pair.value < limits.against || pair.value > limits.alike)
    .sort((a, b) => Math.abs(b.value) - Math.abs(a.value));
  const title = 'How they go together';
  return html`
    <h3>${title}</h3>
    ${pairs.length === 0 && html`<p>They work in different directions: none repeats or undoes another.</p>`}
    <ul>
      ${pairs.slice(0, MOST_PAIRS).map(({ one, other, value }) => html`
        <li>${one.number}. ${one.short} and ${other.number}. ${other.short} ${value < 0
          ? html`<strong>work against each other</strong>` : html`<strong>do much the same</strong>`} (${shown(value)})</li>`)}
      ${pairs.length > MOST_PAIRS && html`<li>and ${pairs.length - MOST_PAIRS} more pairs</li>`}
    </ul>
    <details>
      <summary>All pairs</summary>
      <p class="soft">−1: one undoes the other; 0: apart; 1: the same.</p>
      <div class="scroll" tabindex="0" role="region" aria-label=${title}>
        <table class="heat" aria-label=${title}>
          <thead><tr><th scope="col">LoRA</th>${names.map(name => html`<th scope="col" title=${name.full}>${name.number}</th>`)}</tr></thead>
          <tbody>${names.map((name, i) => html`
            <tr><th scope="row" title=${name.full}>${name.number}. ${name.short}</th>
              ${names.map((_, j) => html`<td>${i === j ? '' : shown(cosines[i][j])}</td>`)}</tr>`)}</tbody>
        </table>
      </div>
    </details>`;
}

/**
 * The total push as a bar with bands.
 * @param {{share: number, limits: any}} props
 */
function Push({ share, limits }) {
  const end = 1.5 * limits.risky;
  const word = share >= limits.risky ? 'risky: results often break' : share >= limits.strong ? 'strong' : 'calm';
  const at = (/** @type {number} */ value) => 100 * Math.min(1, value / end);
  return html`
    <div class="push">
      <p>Together they move the model by <strong>${percent(share)}</strong> – <strong>${word}</strong>.</p>
      <svg viewBox="0 0 100 6" preserveAspectRatio="none" role="img"
        aria-label=${`Total push ${percent(share)}, ${word}; strong from ${percent(limits.strong)}, risky from ${percent(limits.risky)}`}>
        <rect class="calm" x="0" y="1" width=${at(limits.strong)} height="4" />
        <rect class="strong" x=${at(limits.strong)} y="1" width=${at(limits.risky) - at(limits.strong)} height="4" />
        <rect class="risky" x=${at(limits.risky)} y="1" width=${100 - at(limits.risky)} height="4" />
        <rect class="needle" x=${Math.min(99.2, Math.max(0, at(share) - 0.4))} y="0" width="0.8" height="6" />
      </svg>
      <p class="soft bands"><span>calm</span><span>strong from ${percent(limits.strong)}</span><span>risky from ${percent(limits.risky)}</span></p>
      <p class="soft">A rule of thumb: what a model bears depends on how it was trained.</p>
    </div>`;
}

/** @param {{measured: any, names: Name[], weights: any[]}} props */
export function Effects({ measured, names, weights }) {
  const { analysis } = measured;
  const limits = measured.limits;
  const all = together(analysis.components, weights);
  const scale = all.push;
  return html`
    <div class="effects">
      ${all.base > 0 && html`<${Push} share=${all.push / all.base} limits=${limits} />`}
      <${Heat} title=${all.base > 0 ? 'How far each moves each part of the model' : 'How much each does, relative to all together'}
        areas=${analysis.components} names=${names} weights=${weights} scale=${scale} />
      ${names.length > 1 && html`<${Pairs} areas=${analysis.components} names=${names} weights=${weights} limits=${limits} />`}
      <details>
        <summary>Block by block</summary>
        <${Heat} title="How far each moves each block" areas=${analysis.blocks} names=${names} weights=${weights} scale=${scale} />
      </details>
    </div>`;
}
