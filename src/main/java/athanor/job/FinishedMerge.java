package athanor.job;

import athanor.error.AthanorException;
import athanor.file.InputFile;
import athanor.format.StateDicts;
import athanor.recipe.Provenance;
import athanor.tensor.StateDict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Optional;

/** Recognises a file that an earlier run of the same merge left. */
final class FinishedMerge {
  private FinishedMerge() {}

  /**
   * Whether a file is what a merge would make: the recipe in its metadata is that of the merge, and
   * no input on this computer has changed since.
   */
  static boolean is(Path file, Provenance wanted, List<InputFile> inputs) {
    return storedIn(file).filter(wanted::isSameMerge).isPresent() && isNewer(file, inputs);
  }

  private static Optional<Provenance> storedIn(Path file) {
    try (StateDict made = StateDicts.open(file)) {
      return Optional.ofNullable(made.metadata().get(Provenance.METADATA_KEY))
          .flatMap(Provenance::parse);
    } catch (AthanorException e) {
      return Optional.empty();
    }
  }

  private static boolean isNewer(Path file, List<InputFile> inputs) {
    try {
      FileTime made = Files.getLastModifiedTime(file);
      for (InputFile input : inputs) {
        if (input.isHere() && Files.getLastModifiedTime(input.path()).compareTo(made) > 0) {
          return false;
        }
      }
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
