/**
 * What can go wrong, said once: a {@link athanor.error.Problem} names what happened, where, what
 * was found, what was expected and what to do; its {@link athanor.error.Kind} decides the exit
 * code. The leaf that every other package may use.
 */
@NullMarked
package athanor.error;

import org.jspecify.annotations.NullMarked;
