// @ts-check
// The file picker: folders and models that the server lists, by number.
import { useEffect, useState } from 'preact/hooks';
import { post } from './api.js';
import { Dialog, ProblemBox, html, useAction } from './parts.js';
import { count, size } from './words.js';

/**
 * Chooses files to add, or the folder for results.
 * @param {{forFolder?: boolean, onClose: () => void}} props
 */
export function Picker({ forFolder = false, onClose }) {
  const [listing, setListing] = useState(/** @type {any} */ (null));
  const [chosen, setChosen] = useState(/** @type {number[]} */ ([]));
  const [failed, setFailed] = useState(/** @type {any} */ (null));
  const action = useAction();
  const open = (/** @type {number | undefined} */ folder) =>
    post('places', folder === undefined ? {} : { folder }).then(
      found => { setListing(found); setFailed(null); }, setFailed);
  useEffect(() => { open(undefined); }, []);
  const toggle = (/** @type {number} */ id) =>
    setChosen(chosen.includes(id) ? chosen.filter(other => other !== id) : [...chosen, id]);
  const finish = async () => {
    const done = forFolder
      ? await action.run('folder', { folder: listing.id })
      : await action.run('take', { files: chosen });
    if (done) onClose();
  };
  const ready = forFolder ? listing?.id !== undefined : chosen.length > 0;
  return html`
    <${Dialog} title=${forFolder ? 'Where results go' : 'Choose models'} onClose=${onClose}>
      ${failed && html`<${ProblemBox} problem=${failed} />`}
      ${listing && html`
        <p class="path">
          ${listing.id !== undefined && html`
            <button type="button" onClick=${() => open(listing.up)}>
              <span aria-hidden="true">↑</span> ${listing.up === undefined ? 'All places' : 'Up'}
            </button>`}
          <strong>${listing.name || 'Places'}</strong>
        </p>
        <ul class="entries">
          ${listing.folders.map((/** @type {any} */ folder) => html`
            <li key=${folder.id}>
              <button type="button" class="entry" onClick=${() => open(folder.id)}>
                <span aria-hidden="true">▸</span> ${folder.name}
              </button>
            </li>`)}
          ${!forFolder && listing.files.map((/** @type {any} */ file) => html`
            <li key=${file.id}>
              <label class="entry">
                <input type="checkbox" disabled=${!file.usable} checked=${chosen.includes(file.id)}
                  onChange=${() => toggle(file.id)} />
                <span class="name">${file.name}</span>
                <span class="soft">${file.what}${file.what ? ', ' : ''}${size(file.bytes)}</span>
              </label>
            </li>`)}
        </ul>
        ${!listing.folders.length && (forFolder || !listing.files.length)
          && html`<p class="soft">${forFolder ? 'There are no folders in here.' : 'There are no models in here.'}</p>`}
        ${listing.more && html`<p class="soft">There is more than fits here; paste the path instead.</p>`}`}
      ${action.problem && html`<${ProblemBox} problem=${action.problem} />`}
      <p class="buttons">
        <button type="button" class="first" disabled=${!ready || action.busy} onClick=${finish}>
          ${forFolder ? 'Save here' : chosen.length ? `Add ${count(chosen.length, 'file')}` : 'Add'}
        </button>
      </p>
    </${Dialog}>`;
}
