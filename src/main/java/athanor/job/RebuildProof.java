package athanor.job;

import athanor.format.TensorComparison;

/**
 * What making a merged file again has shown.
 *
 * @param tensors the comparison of its tensors, all the same
 * @param sameFile whether the whole file is the same, metadata included
 */
public record RebuildProof(TensorComparison tensors, boolean sameFile) {}
