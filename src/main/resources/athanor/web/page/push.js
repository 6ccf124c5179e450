// @ts-check
// What LoRAs come to at any ratios, from the products that were measured once at ratio 1.

/** @typedef {{on: boolean, ratio: number, te?: number}} Weight */
/** @typedef {{area: string, text_encoder: boolean, weights?: number, products: number[][]}} Area */

/** The factor of each LoRA in an area. @param {Area} area @param {Weight[]} weights */
const factors = (area, weights) =>
  weights.map(w => (w.on ? (area.text_encoder ? w.te ?? w.ratio : w.ratio) : 0));

/** ‖Σ rᵢΔWᵢ‖² in an area. @param {Area} area @param {Weight[]} weights */
function energy(area, weights) {
  const r = factors(area, weights);
  let sum = 0;
  area.products.forEach((row, i) => row.forEach((p, j) => (sum += r[i] * r[j] * p)));
  return Math.max(0, sum);
}

/** ‖rᵢΔWᵢ‖ of each LoRA in an area. @param {Area} area @param {Weight[]} weights */
const norms = (area, weights) =>
  factors(area, weights).map((r, i) => Math.abs(r) * Math.sqrt(Math.max(0, area.products[i][i])));

/** Of some areas together: total push, norm of the weights, norms of each. @param {Area[]} areas @param {Weight[]} weights */
export function together(areas, weights) {
  const push = Math.sqrt(areas.reduce((sum, area) => sum + energy(area, weights), 0));
  const base = Math.sqrt(areas.reduce((sum, area) => sum + (area.weights ?? 0) ** 2, 0));
  const all = areas.map(area => norms(area, weights));
  const each = weights.map((_, i) => Math.hypot(...all.map(row => row[i])));
  return { push, base, each };
}

/** Cosines between each two LoRAs at their ratios. @param {Area[]} areas @param {Weight[]} weights */
export function cosinesOf(areas, weights) {
  const { each } = together(areas, weights);
  const products = weights.map(() => weights.map(() => 0));
  for (const area of areas) {
    const r = factors(area, weights);
    area.products.forEach((row, i) => row.forEach((p, j) => (products[i][j] += r[i] * r[j] * p)));
  }
  return products.map((row, i) => row.map((p, j) => (each[i] * each[j] ? p / (each[i] * each[j]) : 0)));
}

/**
 * Ratios at which all are equally loud, with the energy of now; signs stay.
 * @param {Area[]} areas @param {Weight[]} weights
 */
export function balanced(areas, weights) {
  const on = weights.map(w => w.on && w.ratio !== 0);
  const { each } = together(areas, weights);
  const loud = each.filter((n, i) => on[i] && n > 0);
  const goal = Math.sqrt(loud.reduce((sum, n) => sum + n * n, 0) / Math.max(1, loud.length));
  return weights.map((w, i) => (on[i] && each[i] > 0 ? (w.ratio * goal) / each[i] : w.ratio));
}
