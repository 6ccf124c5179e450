/**
 * Arithmetic on plain arrays and segments: conversion between stored element types and float32, the
 * low-rank matrix product, QR and singular values. {@link athanor.kernel.Kernels} has two
 * implementations, on the incubating Vector API and in plain Java, whose results are equal to the
 * last bit; {@link athanor.kernel.LowRankSvd} and {@link athanor.kernel.DenseSvd} are built on it.
 * Knows nothing of files, keys or LoRAs. Matrices are row-major float32 unless said otherwise.
 */
@NullMarked
package athanor.kernel;

import org.jspecify.annotations.NullMarked;
