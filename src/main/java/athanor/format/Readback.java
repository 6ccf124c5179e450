package athanor.format;

import athanor.error.Kind;
import athanor.error.Problem;
import athanor.file.OutputFile;
import athanor.tensor.StateDict;
import athanor.tensor.StateDictLayout;

/** Reads a finished output back as any other program would, before it gets its name. */
public final class Readback {
  private Readback() {}

  /**
   * Returns if the sealed output holds the planned tensors.
   *
   * @throws athanor.error.AthanorException of kind VERIFICATION if it does not, or cannot be read
   */
  public static void verify(OutputFile output, StateDictLayout layout) {
    try (StateDict written = output.readBack(StateDicts::open)) {
      if (!written.tensors().equals(layout.tensors())) {
        throw Problem.of(Kind.VERIFICATION, "the written file does not hold the planned tensors")
            .at(output.path().toString())
            .found(written.tensors().size() + " tensors")
            .expected(layout.tensors().size() + " tensors")
            .toException();
      }
    }
  }
}
