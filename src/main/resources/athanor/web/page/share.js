// @ts-check
// Step 5: publishing a result.
import { useState } from 'preact/hooks';
import { Job } from './job.js';
import { Login } from './login.js';
import { ProblemBox, Step, html, useAction } from './parts.js';

/** What people choose among; every identifier of the Hub is taken. */
const LICENCES = ['creativeml-openrail-m', 'openrail++', 'apache-2.0', 'mit', 'cc-by-4.0', 'cc-by-nc-4.0', 'other'];

/** @param {{job: any}} props */
const Shared = ({ job }) => html`
  <p>It is at <a href=${job.result.url} target="_blank" rel="noreferrer">${job.result.url}</a></p>`;

/** @param {{state: any}} props */
export function Share({ state }) {
  const results = state.jobs.filter((/** @type {any} */ job) => job.kind === 'bake' && job.made);
  const shares = state.jobs.filter((/** @type {any} */ job) => job.kind === 'share');
  const [chosen, setChosen] = useState(0);
  const [repo, setRepo] = useState('');
  const [open, setOpen] = useState(false);
  const [licence, setLicence] = useState('');
  const action = useAction();
  const hub = state.tokens.find((/** @type {any} */ token) => token.service === 'hf');
  const job = results.find((/** @type {any} */ result) => result.id === chosen) ?? results[0];
  const submit = (/** @type {Event} */ event) => {
    event.preventDefault();
    action.run('share', { job: job.id, repo, private: !open, ...(licence ? { license: licence } : {}) });
  };
  if (!job) {
    return html`<${Step} id="share" number=${5} title="Share" says="What you bake can be published on the Hugging Face Hub from here." />`;
  }
  return html`
    <${Step} id="share" number=${5} title="Share" says="Publish it on the Hugging Face Hub, with a model card that names what went into it.">
      ${hub && !hub.present && html`<${Login} token=${hub} />`}
      <form onSubmit=${submit}>
        ${results.length > 1 && html`
          <label for="result">File</label>
          <select id="result" value=${job.id} onChange=${(/** @type {any} */ e) => setChosen(Number(e.target.value))}>
            ${results.map((/** @type {any} */ result) => html`<option value=${result.id}>${result.title}</option>`)}
          </select>`}
        <label for="repo">Repository <span class="soft"> your name, a slash, and a name for the model</span></label>
        <input id="repo" type="text" autocomplete="off" spellcheck="false" placeholder="alice/my-model" value=${repo}
          onInput=${(/** @type {any} */ e) => setRepo(e.target.value)} />
        <fieldset>
          <legend>Who may see it</legend>
          <label class="check"><input type="radio" name="who" checked=${!open} onChange=${() => setOpen(false)} /> Only you</label>
          <label class="check"><input type="radio" name="who" checked=${open} onChange=${() => setOpen(true)} /> Everybody</label>
        </fieldset>
        <label for="licence">Licence <span class="soft"> empty: what all inputs agree on</span></label>
        <input id="licence" type="text" list="licences" autocomplete="off" value=${licence}
          onInput=${(/** @type {any} */ e) => setLicence(e.target.value)} />
        <datalist id="licences">${LICENCES.map(id => html`<option value=${id} />`)}</datalist>
        <p class="buttons"><button type="submit" class="first" disabled=${!hub?.present || !repo.trim() || action.busy}>
          ${open ? 'Publish for everybody' : 'Upload, for you alone'}</button></p>
      </form>
      ${action.problem && html`<${ProblemBox} problem=${action.problem} />`}
      <ul class="jobs">${shares.map((/** @type {any} */ share) => html`
        <${Job} key=${share.id} job=${share}><${Shared} job=${share} /></${Job}>`)}</ul>
    </${Step}>`;
}
