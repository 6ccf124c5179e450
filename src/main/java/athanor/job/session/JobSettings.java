package athanor.job.session;

import athanor.hub.Hub;
import athanor.hub.HubSettings;
import athanor.hub.LinkOrigin;
import athanor.job.input.RemoteInputs;
import athanor.merge.metadata.Stamp;
import athanor.progress.Cancellation;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * What jobs take from the world around them. Opens nothing by itself.
 *
 * @param environment variables by name: where the hubs are, and the caches and tokens
 * @param home the user's home folder
 * @param threads number of workers, at least 1; results are the same for any number
 * @param links who gave the links among the inputs
 * @param stamp date and title of results; empty means as the environment says
 */
public record JobSettings(
    Map<String, String> environment,
    Path home,
    int threads,
    LinkOrigin links,
    Optional<Stamp> stamp) {

  /** Settings of jobs whose links the user gave. */
  public JobSettings(Map<String, String> environment, Path home, int threads) {
    this(environment, home, threads, LinkOrigin.USER, Optional.empty());
  }

  /** The same for links that somebody else gave. */
  public JobSettings withLinksOf(LinkOrigin origin) {
    return new JobSettings(environment, home, threads, origin, stamp);
  }

  /** The same for a result with this date and title. */
  public JobSettings withStamp(Stamp other) {
    return new JobSettings(environment, home, threads, links, Optional.of(other));
  }

  /** Copies the map. */
  public JobSettings {
    environment = Map.copyOf(environment);
  }

  /** Those of this process, with a worker for each processor. */
  public static JobSettings ofProcess() {
    return new JobSettings(
        System.getenv(),
        Path.of(System.getProperty("user.home", ".")),
        Runtime.getRuntime().availableProcessors());
  }

  /**
   * Date and title of what a job makes.
   *
   * @throws athanor.error.AthanorException of kind USAGE as {@link Stamp#from}
   */
  public Stamp stampOfResults() {
    return stamp.orElseGet(() -> Stamp.from(environment));
  }

  /**
   * The way to the hubs; close it at the end.
   *
   * @param notices receives sentences from any thread
   * @throws athanor.error.AthanorException of kind USAGE if a variable is unusable
   */
  public Hub hub(Consumer<String> notices) {
    return Hub.open(HubSettings.from(environment, home, notices));
  }

  /** Inputs that may be links; opens the way to the hubs only if one is. */
  public RemoteInputs inputs(JobListener listener, Cancellation cancellation) {
    return new RemoteInputs(() -> hub(listener::note), links, cancellation);
  }
}
