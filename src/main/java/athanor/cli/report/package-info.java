/** What came out of jobs, as tables and sentences for people. */
@NullMarked
package athanor.cli.report;

import org.jspecify.annotations.NullMarked;
