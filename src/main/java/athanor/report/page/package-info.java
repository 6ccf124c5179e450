/**
 * Records as pages for a browser: one self-contained file with inline SVG, no script needed to read
 * it, nothing fetched from elsewhere. All text is escaped.
 */
@NullMarked
package athanor.report.page;

import org.jspecify.annotations.NullMarked;
