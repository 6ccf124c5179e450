package athanor.job.input;

import athanor.error.Problem;
import athanor.hub.Fetched;
import athanor.net.FileHash;
import athanor.progress.Cancellation;
import athanor.progress.Progress;
import athanor.recipe.InputOrigin;
import athanor.recipe.InputRequest;
import athanor.recipe.MergeRequest;
import athanor.recipe.Recipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The hashes of a merge's inputs, compared with those that the request demands. Of a model in
 * several files the hash is that of its index. To be used by one thread.
 */
public final class InputHashes {
  private final List<InputRequest> requests;
  private final List<Path> places;
  private final RemoteInputs inputs;

  /** The inputs of a request and of the recipe that {@code inputs} made of it. */
  public InputHashes(MergeRequest request, Recipe recipe, RemoteInputs inputs) {
    this.requests = request.inputs();
    this.places = recipe.files();
    this.inputs = inputs;
  }

  /** Whether the request demands some hash. */
  public boolean areDemanded() {
    return requests.stream().anyMatch(request -> request.sha256().isPresent());
  }

  /**
   * Compares what is known by now: the hashes of listings before the download, all of them after.
   *
   * @throws athanor.error.AthanorException of kind INCOMPATIBLE that names the first input whose
   *     hash is another
   */
  public void require() {
    for (int i = 0; i < places.size(); i++) {
      InputRequest request = requests.get(i);
      Optional<String> found = inputs.origin(places.get(i)).sha256();
      if (request.sha256().isPresent() && found.isPresent()) {
        require(request, found.get());
      }
    }
  }

  private static void require(InputRequest request, String found) {
    String expected = request.sha256().orElseThrow();
    if (!expected.equals(found)) {
      throw Problem.incompatible("this is not the file that the recipe means")
          .at(request.shown())
          .found("SHA-256 " + found)
          .expected("SHA-256 " + expected)
          .help(
              "give the file with that hash; if the other one is meant, remove the hash from the"
                  + " recipe, and its lock file")
          .toException();
    }
  }

  /**
   * Reads the files of this computer once and notes their hashes, so that the result's metadata
   * tell them.
   *
   * @param all whether also those that the request demands nothing of
   * @throws athanor.error.AthanorException as {@link #require}; of kind BAD_FILE if a file cannot
   *     be read
   */
  public void readLocal(boolean all, Progress progress, Cancellation cancellation) {
    for (int i = 0; i < places.size(); i++) {
      Path place = places.get(i);
      boolean wanted = all || requests.get(i).sha256().isPresent();
      boolean known = inputs.at(place).isPresent() || inputs.origin(place).sha256().isPresent();
      if (wanted && !known) {
        inputs.noteHash(place, read(place, progress, cancellation));
      }
    }
    require();
  }

  private static String read(Path file, Progress progress, Cancellation cancellation) {
    try {
      progress.begin("hashing " + file.getFileName(), Files.size(file), 0);
      return FileHash.sha256(file, progress, cancellation);
    } catch (IOException e) {
      throw Problem.badFile("the file cannot be read").at(file.toString()).toException(e);
    } finally {
      progress.end();
    }
  }

  /** The inputs with what is known of them; their bytes have to be here. */
  public List<KnownInput> known() {
    return IntStream.range(0, places.size()).mapToObj(this::known).toList();
  }

  private KnownInput known(int index) {
    Path place = places.get(index);
    InputOrigin origin = inputs.origin(place);
    Optional<Fetched> fetched = inputs.at(place).flatMap(RemoteInput::fetched);
    long bytes = fetched.map(Fetched::size).orElseGet(() -> size(place));
    return new KnownInput(
        requests.get(index),
        bytes,
        fetched.map(file -> origin.withSha256(file.sha256())).orElse(origin));
  }

  private static long size(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      return 0;
    }
  }
}
