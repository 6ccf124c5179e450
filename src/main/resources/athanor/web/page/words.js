// @ts-check
// Numbers as people read and write them.

const UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB'];

/** Such as `2.1 GB`. @param {number} bytes */
export function size(bytes) {
  let unit = 0;
  for (; bytes >= 1000 && unit < UNITS.length - 1; unit++) bytes /= 1000;
  return `${unit === 0 || bytes >= 100 ? Math.round(bytes) : bytes.toFixed(1)} ${UNITS[unit]}`;
}

/** Such as `12 s` or `3 min`. @param {number} seconds */
export function time(seconds) {
  if (seconds < 90) return `${Math.max(1, Math.round(seconds))} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 90 ? `${minutes} min` : `${(minutes / 60).toFixed(1)} h`;
}

/** A ratio as it is shown. @param {number} value */
export const ratio = value => String(Math.round(value * 1000) / 1000);

/** A share as percent. @param {number} share */
export function percent(share) {
  const value = 100 * share;
  return `${value >= 10 ? Math.round(value) : value >= 0.995 ? value.toFixed(1) : value.toFixed(2)} %`;
}

/**
 * A ratio as it is typed: `0.5`, `0,5`, `50 %`; null if it is none.
 * @param {string} text
 */
export function typed(text) {
  const plain = text.trim().replace(/[\u2212\u2013]/, '-').replace(',', '.');
  const hit = /^([-+]?(?:\d+\.?\d*|\.\d+))\s*(%?)$/.exec(plain);
  return hit ? Number(hit[1]) / (hit[2] ? 100 : 1) : null;
}

const LONGEST_NAME = 20;

/** A file's name for a narrow column: without extension and number of an epoch, the middle left out if it is long. @param {string} file */
export function short(file) {
  const name = file.replace(/\.\w+$/, '').replace(/-\d{6}$/, '');
  const half = Math.floor(LONGEST_NAME / 2);
  return name.length <= LONGEST_NAME ? name : `${name.slice(0, half).trimEnd()}…${name.slice(-half + 1).trimStart()}`;
}

/** @param {number} n @param {string} one @param {string} [many] */
export const count = (n, one, many = `${one}s`) => `${n} ${n === 1 ? one : many}`;
