package athanor.job;

import athanor.error.AthanorException;
import athanor.error.Kind;
import athanor.error.Problem;
import athanor.format.StateDicts;
import athanor.format.TensorComparison;
import athanor.job.input.InputFolders;
import athanor.progress.Cancellation;
import athanor.progress.Progress;
import athanor.recipe.InputRequest;
import athanor.recipe.MergeRequest;
import athanor.recipe.Provenance;
import athanor.safetensors.SafetensorsFile;
import athanor.tensor.StateDict;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Making a merged file again from the recipe in it, and proving that it is the same. */
public final class Rebuilding {
  private Rebuilding() {}

  /**
   * The recipe in a file.
   *
   * @throws AthanorException of kind BAD_FILE if there is none
   */
  public static Provenance recipeIn(StateDict file) {
    return Optional.ofNullable(file.metadata().get(Provenance.METADATA_KEY))
        .flatMap(Provenance::parse)
        .orElseThrow(() ->
            Problem.badFile("this file does not say how it was made")
                .at(file.name())
                .expected("a recipe in its metadata, under " + Provenance.METADATA_KEY)
                .help("only safetensors files that Athanor merged, without --no_metadata, hold one")
                .toException());
  }

  /**
   * The merge that a recipe tells of. Inputs are files of the same name and content in the folders,
   * else links, which may be unusable.
   *
   * @throws AthanorException of kind BAD_FILE that names every input that is nowhere, with its hash
   */
  public static MergeRequest request(Provenance recipe, InputFolders folders) {
    List<String> missing = new ArrayList<>();
    MergeRequest request =
        recipe.request(input ->
            local(input, folders)
                .or(() ->
                    input
                        .origin()
                        .bestLink()
                        .or(input.origin()::unusableLink)
                        .map(link -> demanded(link, input)))
                .orElseGet(() -> {
                  missing.add(text(input, folders));
                  return new InputRequest(input.name());
                }));
    if (!missing.isEmpty()) {
      throw folders.missing(missing.stream().distinct().toList()).toException();
    }
    return request;
  }

  private static Optional<InputRequest> local(Provenance.Input input, InputFolders folders) {
    return folders.all(input.name()).stream()
        .filter(file -> couldBe(file, input))
        .findFirst()
        .map(file -> demanded(file.toString(), input));
  }

  private static InputRequest demanded(String text, Provenance.Input input) {
    return new InputRequest(text, input.origin().sha256());
  }

  /** Whether size and header are those of the input; its whole hash is compared later. */
  private static boolean couldBe(Path path, Provenance.Input input) {
    try (StateDict file = StateDicts.open(path)) {
      long bytes = file.files().stream().mapToLong(part -> part.size()).sum();
      boolean sameHeader =
          input.headerSha256().isEmpty()
              || (file instanceof SafetensorsFile safetensors
                  && safetensors.headerSha256().equals(input.headerSha256().get()));
      return sameHeader && (input.bytes() == 0 || input.bytes() == bytes);
    } catch (AthanorException e) {
      return false;
    }
  }

  private static String text(Provenance.Input input, InputFolders folders) {
    String hash =
        input
            .origin()
            .sha256()
            .map(sha256 -> "SHA-256 " + sha256)
            .or(() -> input.headerSha256().map(header -> "SHA-256 of the header " + header))
            .orElse("hash not known");
    boolean others = !folders.all(input.name()).isEmpty();
    return input.name()
        + " ("
        + input.bytes()
        + " bytes, "
        + hash
        + (others ? "; the file of this name is another one)" : ")");
  }

  /** With the same tensors that means the same file: the header says where every byte belongs. */
  private static boolean sameHeader(StateDict original, StateDict rebuilt) {
    return original instanceof SafetensorsFile one
        && rebuilt instanceof SafetensorsFile other
        && one.headerSha256().equals(other.headerSha256());
  }

  /**
   * Compares a rebuilt file with the original.
   *
   * @throws AthanorException of kind VERIFICATION if a tensor is different, with the first and how
   *     many; of kind CANCELLED
   */
  public static RebuildProof prove(
      StateDict original, Path rebuilt, Progress progress, Cancellation cancellation) {
    try (StateDict file = StateDicts.open(rebuilt)) {
      TensorComparison result = TensorComparison.of(original, file, progress, cancellation);
      if (result.same()) {
        return new RebuildProof(result, sameHeader(original, file));
      }
      TensorComparison.Difference first = result.first().orElseThrow();
      throw Problem.of(
              Kind.VERIFICATION,
              "the recipe in this file does not lead to its tensors: "
                  + result.different()
                  + " of "
                  + result.tensors()
                  + " differ")
          .at(original.name() + ", tensor " + first.key())
          .found(first.found() + " in the rebuilt file")
          .expected(first.expected())
          .help("the file was changed after the merge, or merged by another version of Athanor")
          .toException();
    }
  }
}
