/**
 * How contributions become a result: one file for each method, with its parameters and what it
 * does. Arguments, recipes, metadata and help read the parameters from here. A new method is a file
 * and a line in {@link athanor.merge.method.LoraMethods}; docs/extending.md says how.
 */
@NullMarked
package athanor.merge.method;

import org.jspecify.annotations.NullMarked;
