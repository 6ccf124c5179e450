package athanor.report;

import athanor.job.RebuildProof;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A merged file that was made again from its recipe.
 *
 * @param file its name
 * @param tensors number of its tensors
 * @param bytes of their values
 * @param same always true: a difference is an error
 * @param sameFile whether the metadata are the same too, and so the SHA-256 of the file
 * @param output where the new file is, if it was to be kept
 */
@LineName("rebuild")
public record RebuiltFile(
    String file, int tensors, long bytes, boolean same, boolean sameFile, Optional<String> output)
    implements Result {

  /** What the comparison of the rebuilt file with the original proves. */
  public static RebuiltFile of(String file, RebuildProof proof, Optional<Path> output) {
    return new RebuiltFile(
        file,
        proof.tensors().tensors(),
        proof.tensors().bytes(),
        proof.tensors().same(),
        proof.sameFile(),
        output.map(Path::toString));
  }
}
