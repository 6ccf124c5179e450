/**
 * Fake services on loopback, spoken to over real HTTP: a Hugging Face Hub, a Civitai, and the
 * storage that both redirect to, which is another origin, signs its addresses, refuses credentials
 * and can be told to fail in every way that storage fails.
 */
@NullMarked
package athanor.testkit.web;

import org.jspecify.annotations.NullMarked;
