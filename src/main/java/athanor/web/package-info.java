/**
 * The page of {@code athanor ui}: a server for the person at this computer alone, beside {@code
 * athanor.cli}. {@code Guard} says who may call, {@code PageFiles} what is sent as it is, {@code
 * Api} what can be asked for; {@code athanor.web.bench} holds what is on the page and runs its
 * jobs.
 */
@org.jspecify.annotations.NullMarked
package athanor.web;
