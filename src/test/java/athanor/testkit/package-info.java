/** What tests share: seeded random values, golden generators, files built in code. */
@NullMarked
package athanor.testkit;

import org.jspecify.annotations.NullMarked;
