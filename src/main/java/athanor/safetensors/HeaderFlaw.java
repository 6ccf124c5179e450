package athanor.safetensors;

import athanor.error.AthanorException;
import athanor.error.Problem;
import java.util.Optional;

/**
 * Why a file is not sound safetensors. Callers that must tell one flaw from another ask {@link
 * #of}; the sentence is for people. The second column of the source names the error of the
 * reference implementation for the same flaw, where it has one.
 */
public enum HeaderFlaw {
  /** {@code HeaderTooSmall}. */
  FILE_TOO_SMALL("the file is too small to be safetensors", Help.DOWNLOAD_AGAIN),
  /** {@code HeaderTooLarge}. */
  HEADER_TOO_LARGE("the header length is out of range", Help.NOT_SAFETENSORS),
  /** {@code InvalidHeaderLength}. */
  HEADER_BEYOND_END("the file ends inside its header", Help.DOWNLOAD_AGAIN),
  /** {@code InvalidHeaderDeserialization}: N = 0, typically a file of zeros. */
  EMPTY_HEADER("the header is empty", Help.DOWNLOAD_AGAIN),
  /** {@code InvalidHeader(Utf8Error)}. */
  INVALID_UTF8("the header is not UTF-8", Help.DAMAGED),
  /** {@code InvalidHeaderDeserialization}: trailing characters. */
  NUL_PADDING(
      "the header is padded with NUL bytes instead of spaces",
      "save the file again with a current version of the program that wrote it"),
  /** {@code InvalidHeaderDeserialization}. */
  INVALID_JSON("the header is not valid JSON", Help.DAMAGED),
  /** {@code InvalidHeaderDeserialization}: a field is missing, twice there or of a wrong type. */
  INVALID_FIELD("the header entry is malformed", Help.DAMAGED),
  /** {@code InvalidHeaderDeserialization}: unknown variant. */
  UNKNOWN_DTYPE("the dtype is unknown", "check for a newer version of this program"),
  /** The reference keeps the last one. */
  DUPLICATE_NAME("the header names a key twice", Help.DAMAGED),
  /** Larger than anything real; the reference may accept it. */
  LIMIT_EXCEEDED("the header exceeds a limit", Help.DAMAGED),
  /** {@code InvalidOffset}: a hole or an overlap. */
  INVALID_OFFSET("the values do not follow each other without holes and overlaps", Help.DAMAGED),
  /** {@code ValidationOverflow}. */
  OVERFLOW("the size of the tensor overflows", Help.DAMAGED),
  /** {@code MisalignedSlice}. */
  PARTIAL_BYTES("the values do not fill whole bytes", Help.DAMAGED),
  /** {@code TensorInvalidInfo}. */
  SIZE_MISMATCH("the byte range does not fit dtype and shape", Help.DAMAGED),
  /** {@code MetadataIncompleteBuffer}: the file is shorter than its header says. */
  INCOMPLETE("the file is incomplete", Help.DOWNLOAD_AGAIN),
  /** {@code MetadataIncompleteBuffer}: the file is longer than its header says. */
  TRAILING_BYTES(
      "there are extra bytes after the last tensor",
      "download the file again, or save it again with a current version of the program that wrote"
          + " it");

  private final String sentence;
  private final String help;

  HeaderFlaw(String sentence, String help) {
    this.sentence = sentence;
    this.help = help;
  }

  /** What the flaw is, a sentence without a full stop. */
  public String sentence() {
    return sentence;
  }

  /** The flaw that made opening a safetensors file fail; empty for any other failure. */
  public static Optional<HeaderFlaw> of(AthanorException failure) {
    return failure.getCause() instanceof Found found ? Optional.of(found.flaw) : Optional.empty();
  }

  /** The problem without its details. */
  Problem problem() {
    return Problem.badFile(sentence).help(help);
  }

  /** The exception for a problem that this flaw is the reason of. */
  AthanorException thrown(Problem problem) {
    return problem.toException(new Found(this));
  }

  /** Carries a flaw as the cause of an exception. */
  private static final class Found extends Exception {
    private static final long serialVersionUID = 1L;

    private final HeaderFlaw flaw;

    Found(HeaderFlaw flaw) {
      super(flaw.name(), null, false, false);
      this.flaw = flaw;
    }
  }

  private static final class Help {
    static final String DOWNLOAD_AGAIN = "the download was cut off: download the file again";
    static final String DAMAGED = "the file is damaged or was written by a faulty program";
    static final String NOT_SAFETENSORS = "the file is damaged or is not safetensors at all";
  }
}
