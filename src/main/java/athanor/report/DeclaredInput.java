package athanor.report;

import athanor.job.DeclaredCheck;

/**
 * An input whose bytes cannot be had yet, or that is judged beside such a one.
 *
 * @param file its name
 * @param kind what it is, in a word
 * @param madeFor its architecture in words
 * @param declared whether that is what its listing says, not what the file shows
 * @param verdict {@code fits}, {@code does not fit} or {@code not known}
 */
public record DeclaredInput(
    String file, String kind, String madeFor, boolean declared, String verdict) {

  static DeclaredInput of(DeclaredCheck.Line line) {
    return new DeclaredInput(
        line.name(), line.kind(), line.madeFor(), line.declared(), line.verdict().label());
  }
}
