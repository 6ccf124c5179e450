/**
 * Bytes over HTTP: one request with its redirects followed by hand ({@link athanor.net.Http}), a
 * file that arrives complete or not at all ({@link athanor.net.Download}), and pieces of a file
 * read in place ({@link athanor.net.RangedSource}). What the services mean by their answers is none
 * of this package's business; see {@code athanor.hub}.
 *
 * <p>Rules kept everywhere: a credential goes to its own origins only and is never part of a text;
 * a wait is bounded and announced; nothing gets its final name before it is verified. Sources: RFC
 * 9110 (HTTP semantics, ranges), RFC 6266 and 8187 (file names in headers).
 */
@NullMarked
package athanor.net;

import org.jspecify.annotations.NullMarked;
