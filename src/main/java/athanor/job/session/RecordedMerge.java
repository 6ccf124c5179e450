package athanor.job.session;

import athanor.file.OutputTarget;
import athanor.job.RecipeFolder;
import athanor.progress.Cancellation;
import athanor.recipe.MergeRequest;
import athanor.recipe.yaml.RecipeFile;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A merge that is also written down as a recipe, with the hash of every input.
 *
 * @param request what is merged, and how
 * @param target where the result goes
 * @param recipe where the recipe goes
 * @param overwrite whether a recipe that is there may be replaced
 * @param settings the world around
 */
public record RecordedMerge(
    MergeRequest request, OutputTarget target, Path recipe, boolean overwrite, JobSettings settings)
    implements Job<MergeResult> {

  @Override
  public Forecast judge(JobListener listener, Cancellation cancellation) {
    return new MergeJob(request, target, settings).judge(listener, cancellation);
  }

  @Override
  public MergeResult run(JobListener listener, Cancellation cancellation) {
    OutputTarget place = RecipeFolder.target(recipe, overwrite);
    String name = String.valueOf(target.path().getFileName());
    RecipeFile.of(request, name);
    MergeResult result =
        new MergeJob(request, target, settings).withHashes().run(listener, cancellation);
    List<Optional<String>> hashes =
        result.inputs().stream().map(input -> input.origin().sha256()).toList();
    RecipeFolder.write(place, RecipeFile.of(request.withHashes(hashes), name).toYaml());
    listener.note("recipe: " + recipe);
    return result;
  }
}
