/**
 * A disk that fails on request: a file system over the real one that counts every operation and
 * spoils the n-th, or all from the n-th on. The bytes are real files; the program under test knows
 * nothing of it, because it reaches every file through its {@link java.nio.file.Path}.
 */
@NullMarked
package athanor.testkit.disk;

import org.jspecify.annotations.NullMarked;
