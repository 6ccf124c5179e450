/**
 * What is on the page, and the work that goes on behind it: no HTTP. A {@code Bench} holds the
 * inputs of one merge and the jobs; every front end that asks for its state gets the same.
 */
@org.jspecify.annotations.NullMarked
package athanor.web.bench;
