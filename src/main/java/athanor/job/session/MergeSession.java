package athanor.job.session;

import athanor.file.OutputTarget;
import athanor.job.DeclaredCheck;
import athanor.job.JudgedInputs;
import athanor.job.MergeForecast;
import athanor.job.input.InputDownload;
import athanor.job.input.InputHashes;
import athanor.job.input.Inputs;
import athanor.job.input.RemoteInput;
import athanor.job.input.RemoteInputs;
import athanor.job.session.JobEvent.Moment;
import athanor.progress.Cancellation;
import athanor.progress.Progress;
import athanor.recipe.LoraInput;
import athanor.recipe.MergeRequest;
import athanor.recipe.Recipe;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * One merge from the request to the result: links are found, the verdict is given from what is
 * known, files are brought, the result is made. To be used once, by one thread.
 */
final class MergeSession implements AutoCloseable {
  private final RemoteInputs remote;
  private final Recipe recipe;
  private final InputHashes hashes;
  private final OutputTarget target;
  private final JobListener listener;
  private final Cancellation cancellation;
  private final MergeWork<? extends JudgedInputs> work;

  private MergeSession(
      RemoteInputs remote,
      Recipe recipe,
      InputHashes hashes,
      MergeWork<? extends JudgedInputs> work) {
    this.remote = remote;
    this.recipe = recipe;
    this.hashes = hashes;
    this.work = work;
    this.target = work.place().target();
    this.listener = work.place().listener();
    this.cancellation = work.place().cancellation();
  }

  /**
   * Finds the inputs.
   *
   * @param opening what opens the files, given what opens links
   */
  static MergeSession begin(
      MergeRequest request,
      OutputTarget target,
      JobSettings settings,
      UnaryOperator<Inputs> opening,
      JobListener listener,
      Cancellation cancellation) {
    RemoteInputs remote = settings.inputs(listener, cancellation);
    try {
      listener.hear(new JobEvent.At(Stage.FINDING));
      Recipe recipe = remote.locate(request);
      var place =
          new MergeWork.Place(
              opening.apply(remote),
              target,
              listener,
              settings.threads(),
              cancellation,
              settings.stampOfResults());
      MergeWork<? extends JudgedInputs> work =
          recipe.base().isPresent()
              ? new CheckpointWork(recipe, place)
              : new LoraWork(recipe, request.loraMethod(), place);
      return new MergeSession(remote, recipe, new InputHashes(request, recipe, remote), work);
    } catch (RuntimeException | Error e) {
      remote.close();
      throw e;
    }
  }

  /**
   * Merges.
   *
   * @param hashed whether the hash of every input is read, not only of those that demand it
   */
  MergeResult run(boolean hashed) {
    Progress progress = listener.progress();
    hashes.require();
    if (hashed || hashes.areDemanded()) {
      readLocal(hashed, progress);
    }
    if (!remote.all().isEmpty()) {
      download(progress);
      hashes.require();
    }
    listener.hear(new JobEvent.At(Stage.MAKING));
    work.warn();
    listener.hear(new JobEvent.Judged(work.inputs(), Moment.BEFORE_WORK));
    return work.run(progress, hashes::known);
  }

  /** What does not fit is said before large files are read. */
  private void readLocal(boolean all, Progress progress) {
    if (remote.all().isEmpty()) {
      work.preview();
    }
    listener.hear(new JobEvent.At(Stage.HASHING));
    hashes.readLocal(all, progress, cancellation);
  }

  /** Fetches what was given as a link, after a verdict from the structure of the files alone. */
  private void download(Progress progress) {
    listener.hear(new JobEvent.Leaves(Leftover.DOWNLOADS));
    listener.hear(new JobEvent.At(Stage.DOWNLOADING));
    Set<Path> away = new HashSet<>();
    remote.all().stream()
        .filter(input -> input.fetched().isEmpty())
        .forEach(input -> away.add(input.place()));
    Set<RemoteInput> here = new HashSet<>();
    new InputDownload(
            remote,
            progress,
            input -> {
              here.add(input);
              if (away.contains(input.place())) {
                work.arrived(input.place());
              }
              listener.hear(new JobEvent.Arrived(input));
            })
        .run(rounds(), target.path(), () -> here.isEmpty() ? foretell() : bytes(work.preview()));
  }

  /** LoRAs first: they are small, and what does not fit shows before the base is downloaded. */
  private List<List<RemoteInput>> rounds() {
    List<RemoteInput> loras =
        recipe.loras().stream()
            .map(LoraInput::file)
            .flatMap(file -> remote.at(file).stream())
            .distinct()
            .toList();
    return List.of(loras, remote.all().stream().filter(input -> !loras.contains(input)).toList());
  }

  /** The verdict from the structures, in detail. */
  private long foretell() {
    listener.hear(new JobEvent.Judged(work.inputs(), Moment.BEFORE_DOWNLOADS));
    Optional<MergeForecast> forecast = work.preview();
    forecast.ifPresent(known ->
        listener.hear(new JobEvent.Planned(known, target.path(), Moment.BEFORE_DOWNLOADS)));
    listener.hear(new JobEvent.Downloads(remote.forecast()));
    return bytes(forecast);
  }

  private static long bytes(Optional<MergeForecast> forecast) {
    return forecast.map(MergeForecast::bytes).orElse(0L);
  }

  /** Whether the target is the result of this very merge already, made by an earlier run. */
  boolean isDone() {
    return remote.unreadable().isEmpty() && work.isDone();
  }

  /** Tells what the merge would do, and writes nothing. */
  Forecast judge() {
    hashes.require();
    if (recipe.base().isPresent() && remote.unreadable().isPresent()) {
      var check = DeclaredCheck.of(recipe, remote);
      listener.hear(
          new JobEvent.Declared(check, remote.forecast(), remote.unreadable().orElseThrow()));
      return new Forecast(!check.refuses(), OptionalLong.empty(), remote.forecast());
    }
    work.warn();
    listener.hear(new JobEvent.Judged(work.inputs(), Moment.BEFORE_WORK));
    MergeForecast forecast = work.forecast(listener.progress());
    listener.hear(new JobEvent.Planned(forecast, target.path(), Moment.BEFORE_WORK));
    listener.hear(new JobEvent.Downloads(remote.forecast()));
    return new Forecast(true, OptionalLong.of(forecast.bytes()), remote.forecast());
  }

  @Override
  public void close() {
    work.close();
    remote.close();
  }
}
