/**
 * What came out of a command, as records: one {@link athanor.report.Result} or {@link
 * athanor.report.Event} for each thing there is to say. Text on a terminal, the lines of {@code
 * --json} and a page show the same records; {@link athanor.report.JsonLine} is their one JSON form,
 * and docs/json.md describes it field by field.
 */
@NullMarked
package athanor.report;

import org.jspecify.annotations.NullMarked;
