/**
 * What will happen to every tensor of a result, decided before anything is written: the strength of
 * each contribution, the precision, the changes of each tensor. Values only, which can be printed,
 * tested and shown.
 */
@NullMarked
package athanor.merge.plan;

import org.jspecify.annotations.NullMarked;
