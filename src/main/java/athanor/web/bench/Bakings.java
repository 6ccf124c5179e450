package athanor.web.bench;

import athanor.error.AthanorException;
import athanor.job.CommandLineText;
import athanor.job.input.KnownInput;
import athanor.job.session.MergeResult;
import athanor.recipe.MergeRequest;
import athanor.recipe.yaml.RecipeFile;
import java.util.List;
import java.util.Optional;

/** What is said of a file that was made. */
final class Bakings {
  private Bakings() {}

  /**
   * The file of a finished merge.
   *
   * @param plain whether a command line says all of the merge
   */
  static BenchJob.Made made(MergeRequest request, MergeResult result, boolean plain) {
    List<Optional<String>> hashes =
        result.inputs().stream().map(input -> input.origin().sha256()).toList();
    return new BenchJob.Made(
        result.output().toString(),
        result.sha256(),
        result.inputs().stream().map(Bakings::hash).toList(),
        plain ? CommandLineText.merge(request, result.output()) : "",
        recipe(request.withHashes(hashes), String.valueOf(result.output().getFileName())));
  }

  private static BenchJob.Hash hash(KnownInput input) {
    return new BenchJob.Hash(input.request().shown(), input.origin().sha256());
  }

  /** Empty where two inputs of one name keep a recipe from being written. */
  private static String recipe(MergeRequest request, String name) {
    try {
      return RecipeFile.of(request, name).toYaml();
    } catch (AthanorException e) {
      return "";
    }
  }
}
