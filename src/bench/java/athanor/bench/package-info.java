/** Benchmarks; {@code docs/benchmarks.md} says how to run them and what they gave. */
@NullMarked
package athanor.bench;

import org.jspecify.annotations.NullMarked;
