package athanor.job.session;

import athanor.error.Kind;
import athanor.error.Problem;
import athanor.file.OutputTarget;
import athanor.format.StateDicts;
import athanor.format.TensorHash;
import athanor.job.RecipeFolder;
import athanor.job.input.KnownInput;
import athanor.progress.Cancellation;
import athanor.progress.Progress;
import athanor.recipe.InputRequest;
import athanor.recipe.MergeRequest;
import athanor.recipe.yaml.LockFile;
import athanor.tensor.StateDict;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The lock file of a run: what it demands, and what it is to hold afterwards. */
public final class RecipeLock {
  private final Path place;
  private final Optional<LockFile> known;
  private final boolean fixed;

  private RecipeLock(Path place, Optional<LockFile> known, boolean fixed) {
    this.place = place;
    this.known = known;
    this.fixed = fixed;
  }

  /**
   * The lock beside a recipe.
   *
   * @param fixed whether it has to be there, to know every input, and to stay as it is
   * @throws athanor.error.AthanorException of kind BAD_FILE if it cannot be read, or is missing
   *     though it has to be there
   */
  public static RecipeLock beside(Path recipe, boolean fixed) {
    Path place = RecipeFolder.lockOf(recipe);
    Optional<LockFile> known = RecipeFolder.readLock(place);
    if (fixed && known.isEmpty()) {
      throw Problem.badFile("the recipe has no lock file, and --locked asks for it")
          .at(place.toString())
          .help("run it once without --locked")
          .toException();
    }
    return new RecipeLock(place, known, fixed);
  }

  /**
   * The request with the exact files of the lock.
   *
   * @throws athanor.error.AthanorException of kind INCOMPATIBLE if it has to know every input and
   *     does not
   */
  public MergeRequest applyTo(MergeRequest request) {
    if (fixed && known.isPresent() && !known.get().fits(request)) {
      throw Problem.incompatible("the lock file does not know every input of the recipe")
          .at(place.toString())
          .help("run it once without --locked; that brings the lock file up to date")
          .toException();
    }
    return known.map(lock -> lock.applyTo(request)).orElse(request);
  }

  /**
   * Hashes the tensors of a finished file, and compares if the lock knows what they must be.
   *
   * @return their hash
   * @throws athanor.error.AthanorException of kind VERIFICATION if they are others
   */
  String requireTensors(
      MergeRequest request, Path made, Progress progress, Cancellation cancellation) {
    String tensors;
    try (StateDict file = StateDicts.open(made)) {
      tensors = TensorHash.of(file, progress, cancellation);
    }
    Optional<String> expected = known.filter(lock -> lock.isOf(request)).map(LockFile::tensors);
    if (expected.isPresent() && !expected.get().equals(tensors)) {
      throw Problem.of(
              Kind.VERIFICATION, "the result is not the one of the lock file; it was discarded")
          .at(place.toString())
          .found("tensors with hash " + tensors)
          .expected(expected.get())
          .help("another version of Athanor may have made it: delete the lock file to accept this")
          .toException();
    }
    return tensors;
  }

  /**
   * Writes the lock of a finished run, unless it holds that already.
   *
   * @param tensors the hash of the result's tensors
   * @return where, if it was written
   */
  Optional<Path> write(MergeRequest request, List<KnownInput> inputs, String tensors) {
    List<LockFile.Input> entries = new ArrayList<>();
    for (int i = 0; i < inputs.size(); i++) {
      KnownInput input = inputs.get(i);
      entries.add(
          new LockFile.Input(
              request.inputs().get(i).portable(),
              input.origin().sha256().orElseThrow(),
              input.bytes(),
              link(request.inputs().get(i), input)));
    }
    var made = new LockFile(LockFile.idOf(request), entries.stream().distinct().toList(), tensors);
    if (fixed || known.equals(Optional.of(made))) {
      return Optional.empty();
    }
    RecipeFolder.write(OutputTarget.of(place, true), made.toYaml());
    return Optional.of(place);
  }

  /** What the service says of the file, else the link of the earlier lock that led to it. */
  private static Optional<String> link(InputRequest asked, KnownInput found) {
    boolean other = !found.request().portable().equals(asked.portable());
    return found
        .origin()
        .pinnedLink()
        .or(() ->
            Optional.of(found.request())
                .filter(request -> other && request.isLink())
                .map(InputRequest::portable));
  }
}
