/**
 * The write side of the fake Hugging Face Hub: rights, repositories, the Git-LFS protocol, commits,
 * the storage that bodies are put to, and every way in which these fail.
 */
@NullMarked
package athanor.testkit.web.upload;

import org.jspecify.annotations.NullMarked;
