// @ts-check
// Step 2: what each input is, whether it fits, and what cures it.
import { Do, Mark, ProblemBox, Step, html } from './parts.js';
import { Login } from './login.js';
import { count, size, time } from './words.js';

/** Bytes that an ordinary disk reads or writes in a second. */
const DISK = 150e6;
/** Bytes that an ordinary line brings in a second. */
const LINE = 10e6;

/** The row of the verdict about an input. @param {any} state @param {number} id */
export function rowOf(state, id) {
  const at = state.check ? state.check.items.indexOf(id) : -1;
  return at < 0 ? undefined : state.check.loras[at];
}

/** Whether a row says that its LoRA does not fit. @param {any} row */
const isRefused = row => row && (row.fits === false || row.verdict === 'does not fit');

/** @param {any} state */
function summary(state) {
  if (!state.items.length) return 'What you paste is looked at here: nothing is downloaded yet.';
  const looking = state.items.filter((/** @type {any} */ item) => item.kind === 'looking').length;
  if (looking) return `Looking at ${count(looking, 'file')} …`;
  if (!state.check) return 'Add at least one LoRA, or another base to mix in.';
  if (state.check.running) return 'Checking …';
  const refused = state.check.loras.filter(isRefused).length;
  if (refused) return `${count(refused, 'LoRA does', 'LoRAs do')} not fit. Leave out what does not.`;
  if (state.check.problem) return 'Something is in the way.';
  return state.items.some((/** @type {any} */ item) => item.base)
    ? 'Everything fits.'
    : 'These LoRAs can be merged into one LoRA. Add a base to make a checkpoint.';
}

/** @param {{item: any, row: any, running: boolean}} props */
function Verdict({ item, row, running }) {
  if (item.kind === 'looking') return html`<${Mark} kind="busy">looking</${Mark}>`;
  if (item.kind === 'unreadable') return html`<${Mark} kind="bad">cannot be read</${Mark}>`;
  if (item.kind === 'other') return html`<${Mark} kind="bad">no model to merge</${Mark}>`;
  if (item.base) return html`<${Mark} kind="base">base</${Mark}>`;
  if (item.mixed && !item.on) return html`<${Mark} kind="off">left out</${Mark}>`;
  if (item.mixed) return html`<${Mark} kind="good">mixed in</${Mark}>`;
  if (item.kind === 'checkpoint') return html`<${Mark} kind="note">not used: there is another base</${Mark}>`;
  if (!item.on) return html`<${Mark} kind="off">left out</${Mark}>`;
  if (isRefused(row)) return html`<${Mark} kind="bad">does not fit</${Mark}>`;
  if (row && (row.fits || row.verdict === 'fits')) return html`<${Mark} kind="good">fits</${Mark}>`;
  if (row) return html`<${Mark} kind="note">not known yet</${Mark}>`;
  return running ? html`<${Mark} kind="busy">checking</${Mark}>` : null;
}

/** @param {{item: any, state: any}} props */
function Input({ item, state }) {
  const row = rowOf(state, item.id);
  const problem = item.problem ?? row?.problem;
  const needsToken = item.problem?.kind === 'NETWORK';
  const about = { item: item.id };
  return html`
    <li class=${item.on ? '' : 'off'}>
      <div class="head">
        <span class="name">${item.name}</span>
        <${Verdict} item=${item} row=${row} running=${state.check?.running} />
      </div>
      <p class="soft">
        ${[item.what, row?.modules !== undefined && `${row.applied} of ${row.modules} modules`,
          row?.rank && `rank ${row.rank}`, item.parts, item.bytes !== undefined && size(item.bytes)]
          .filter(Boolean).join(' · ')}
      </p>
      ${problem && (item.on || item.problem) && html`
        <${ProblemBox} problem=${problem}>
          ${needsToken && html`<details><summary>Log in</summary>
            ${state.tokens.map((/** @type {any} */ token) => html`<${Login} key=${token.service} token=${token} />`)}</details>`}
        </${ProblemBox}>`}
      <p class="buttons">
        ${item.kind === 'checkpoint' && !item.base && html`<${Do} what="base" fields=${about}
          label=${`Use as base: ${item.name}`}>Use as base</${Do}>`}
        ${item.kind === 'checkpoint' && !item.base && !item.mixed && html`<${Do} what="mix" fields=${about}
          label=${`Mix in: ${item.name}`}>Mix in</${Do}>`}
        ${item.kind === 'lora' && (isRefused(row) || !item.on) && html`<${Do} what="turn" fields=${{ ...about, on: !item.on }}
          label=${`${item.on ? 'Leave out' : 'Take in'}: ${item.name}`}>${item.on ? 'Leave out' : 'Take in'}</${Do}>`}
        ${(item.problem) && html`<${Do} what="retry" label="Try again">Try again</${Do}>`}
        ${item.has_recipe && html`<${Do} what="recipe" fields=${about}
          label=${`Open its recipe: ${item.name}`}>Open its recipe</${Do}>`}
        <${Do} what="remove" fields=${about} kind="plain" label=${`Remove: ${item.name}`}>Remove</${Do}>
      </p>
    </li>`;
}

/** @param {{check: any}} props */
function Forecast({ check }) {
  const forecast = check.forecast;
  const bring = check.downloads.filter((/** @type {any} */ d) => !d.here)
    .reduce((/** @type {number} */ sum, /** @type {any} */ d) => sum + (d.bytes ?? 0), 0);
  const work = forecast ? (2 * forecast.bytes) / DISK : 0;
  const rows = [
    ['To download', bring ? size(bring) : 'nothing'],
    forecast && ['Result', size(forecast.bytes)],
    forecast && ['Free space', size(forecast.free_bytes)],
    forecast && ['Memory', `≤ ${size(forecast.memory_bytes)}`],
    ['Time', `about ${time(work + bring / LINE)}`],
  ].filter(Boolean);
  return html`<dl class="figures">
    ${rows.map(row => html`<div key=${row[0]}><dt>${row[0]}</dt><dd>${row[1]}</dd></div>`)}
  </dl>`;
}

/** @param {{state: any}} props */
export function Check({ state }) {
  const check = state.check;
  const told = check?.loras.some((/** @type {any} */ row) => row.problem);
  return html`
    <${Step} id="check" number=${2} title="Check" says=${summary(state)}>
      <ul class="inputs">
        ${state.items.map((/** @type {any} */ item) => html`<${Input} key=${item.id} item=${item} state=${state} />`)}
      </ul>
      ${check?.problem && !told && html`<${ProblemBox} problem=${check.problem} />`}
      ${check && !check.running && !check.problem && html`<${Forecast} check=${check} />`}
      ${state.extras.length > 0 && html`<p class="soft">The recipe also ${state.extras.join(', ')}.</p>`}
      ${check?.warnings.length > 0 && html`
        <details><summary>${count(check.warnings.length, 'remark')}</summary>
          <ul>${check.warnings.map((/** @type {string} */ text) => html`<li>${text}</li>`)}</ul></details>`}
      ${state.items.length > 1 && html`<p class="buttons"><${Do} what="clear" kind="plain">Remove all</${Do}></p>`}
    </${Step}>`;
}
