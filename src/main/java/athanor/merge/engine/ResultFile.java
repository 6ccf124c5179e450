package athanor.merge.engine;

import athanor.file.InputFile;
import athanor.file.OutputFile;
import athanor.file.OutputTarget;
import athanor.format.Readback;
import athanor.progress.Cancellation;
import athanor.tensor.StateDictLayout;
import java.util.Collection;
import java.util.Optional;
import java.util.function.Function;

/**
 * How every file of a result comes about: written beside its name, made durable, read back and
 * compared with its layout, and only then given its name. Whatever fails before leaves nothing.
 *
 * @param target where the file goes
 * @param layout what it will hold
 * @param inputs the files that it is made from; they must not change meanwhile
 * @param cancellation looked at once more before the file is made durable
 */
public record ResultFile(
    OutputTarget target,
    StateDictLayout layout,
    Collection<InputFile> inputs,
    Cancellation cancellation) {

  /**
   * A file that has its name.
   *
   * @param content what its writer found
   * @param bytes its size
   * @param sha256 its hash, 64 hex digits, if that was asked for
   */
  public record Published<R>(R content, long bytes, Optional<String> sha256) {}

  /**
   * Writes the file.
   *
   * @param content writes all of it and judges what it wrote; what it throws ends the file
   * @throws athanor.error.AthanorException of kind VERIFICATION if the written file is not the
   *     planned one, of kind BAD_FILE if an input has changed, of kind RESOURCES if the disk fails,
   *     of kind CANCELLED; whatever {@code content} throws
   */
  public <R> Published<R> write(Function<OutputFile, R> content) {
    try (OutputFile output = target.open()) {
      R found = content.apply(output);
      inputs.forEach(InputFile::verifyUnchanged);
      cancellation.check();
      output.seal(layout.size());
      Readback.verify(output, layout);
      output.publish();
      return new Published<>(found, layout.size(), output.sha256());
    }
  }
}
