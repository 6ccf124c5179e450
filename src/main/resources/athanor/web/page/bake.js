// @ts-check
// Step 4: making the file.
import { useState } from 'preact/hooks';
import { Job, advance, isOpen } from './job.js';
import { Copy, ProblemBox, Step, html, useAction } from './parts.js';
import { Picker } from './picker.js';
import { size, time } from './words.js';

/** @param {{job: any}} props */
function Made({ job }) {
  const { made, result } = job;
  return html`
    <p>Made <strong>${job.title}</strong>, ${size(result.bytes)} in ${time(result.seconds)}.
      ${result.merged_tensors !== undefined && ` ${result.merged_tensors} of ${result.tensors} tensors changed; the others are those of the base, byte for byte.`}</p>
    <ul>${(result.mix ?? []).map((/** @type {any} */ mixed) => html`<li>${mixed.file}: ${mixed.mixed} of ${mixed.tensors} tensors mixed in at ${mixed.ratio}</li>`)}
      ${(result.loras ?? []).map((/** @type {any} */ lora) => html`<li>${lora.file}: ${lora.applied} of ${lora.modules} modules at ${lora.ratio}</li>`)}</ul>
    <p class="buttons">
      ${made.command && html`<${Copy} text=${made.command}>Copy as command</${Copy}>`}
      ${made.recipe && html`<${Copy} text=${made.recipe}>Copy as recipe</${Copy}>`}
      <${Copy} text=${made.output}>Copy the path</${Copy}>
    </p>
    <details>
      <summary>Hashes</summary>
      <dl class="hashes">
        <div><dt>${job.title}</dt><dd><code>${made.sha256}</code></dd></div>
        ${made.inputs.map((/** @type {any} */ input) => html`<div><dt>${input.file}</dt><dd><code>${input.sha256 ?? 'not known'}</code></dd></div>`)}
      </dl>
    </details>`;
}

/** @param {any} state @param {any[]} jobs @param {boolean} ready */
function says(state, jobs, ready) {
  const running = jobs.find(job => job.state === 'running');
  if (running) return `Baking ${running.title}. You can close this page; it goes on.`;
  if (jobs.length && jobs[0].state === 'done') return `${jobs[0].title} is done.`;
  if (ready) return 'Ready to bake.';
  return state.check?.running ? 'Checking …' : 'When everything fits, the file is made here.';
}

/** @param {{state: any}} props */
export function Bake({ state }) {
  const [name, setName] = useState('mine.safetensors');
  const [picking, setPicking] = useState(false);
  const action = useAction();
  const jobs = state.jobs.filter((/** @type {any} */ job) => job.kind === 'bake');
  const ready = Boolean(state.check && !state.check.running && !state.check.problem);
  const taken = action.problem?.what.includes('already exists');
  const bake = (/** @type {boolean} */ replace) => action.run('bake', { name, replace });
  const submit = (/** @type {Event} */ event) => { event.preventDefault(); bake(false); };
  return html`
    <${Step} id="bake" number=${4} title="Bake" says=${says(state, jobs, ready)}>
      <form onSubmit=${submit}>
        <label for="name">Name of the new file</label>
        <input id="name" type="text" autocomplete="off" spellcheck="false" value=${name}
          onInput=${(/** @type {any} */ e) => { setName(e.target.value); action.forget(); }} />
        <p class="folder"><span class="soft">It goes into</span> <span class="name">${state.folder}</span>
          <button type="button" class="plain" onClick=${() => setPicking(true)}>Change …</button></p>
        <p class="buttons"><button type="submit" class="first" disabled=${!ready || action.busy || !name.trim()}>Bake</button></p>
      </form>
      ${action.problem && (taken
        ? html`<${ProblemBox} problem=${{ ...action.problem, help: 'choose another name, or replace it' }}>
            <p class="buttons"><button type="button" onClick=${() => bake(true)}>Replace it</button></p></${ProblemBox}>`
        : html`<${ProblemBox} problem=${action.problem} />`)}
      <ul class="jobs">${jobs.map((/** @type {any} */ job) => html`
        <${Job} key=${job.id} job=${job}><${Made} job=${job} /></${Job}>`)}</ul>
      <p class="unseen" role="status">${jobs.filter(isOpen).slice(0, 1).map((/** @type {any} */ job) => advance(job).replace(/:.*/, ''))}</p>
      ${picking && html`<${Picker} forFolder=${true} onClose=${() => setPicking(false)} />`}
    </${Step}>`;
}
