package athanor.job.input;

import athanor.adapter.format.PeftConfig;
import athanor.error.AthanorException;
import athanor.format.StateDicts;
import athanor.hub.Hub;
import athanor.hub.RemoteFile;
import athanor.progress.Cancellation;
import athanor.progress.Progress;
import athanor.tensor.StateDict;
import java.nio.file.Path;
import java.util.Optional;

/** The configuration of a PEFT adapter on a server, which stands beside its weights. */
public final class AdapterConfiguration {
  private AdapterConfiguration() {}

  /**
   * Fetches a companion of weights into the cache.
   *
   * @param weights the file beside it
   * @param name of the companion
   * @return where it is; empty if the server has none, or keeps every file alone
   * @throws AthanorException of kind NETWORK if it cannot be had and the name of the weights says
   *     that it is theirs; for weights of other names it is passed over then
   */
  static Optional<Path> fetch(Hub hub, RemoteFile weights, String name, Cancellation cancellation) {
    try {
      return hub.beside(weights, name, cancellation)
          .map(file -> hub.fetch(file, Progress.NONE, cancellation).path());
    } catch (AthanorException e) {
      if (PeftConfig.isOwn(weights.localName())) {
        throw e;
      }
      return Optional.empty();
    }
  }

  /**
   * The configuration that should go where weights went, under the name by which it is found again.
   *
   * @param weights the file on the server
   * @param local the same on this computer
   * @return empty if the weights need none or have none
   * @throws AthanorException as {@link Hub#beside}
   */
  public static Optional<RemoteFile> of(
      Hub hub, RemoteFile weights, Path local, Cancellation cancellation) {
    if (!PeftConfig.isOwn(weights.localName()) || !isWanted(local)) {
      return Optional.empty();
    }
    String name = String.valueOf(local.getFileName());
    int dot = name.lastIndexOf('.');
    String stem = dot < 0 ? name : name.substring(0, dot);
    return hub.beside(weights, PeftConfig.CONFIG_FILE, cancellation)
        .map(file -> file.named(stem + "." + PeftConfig.CONFIG_FILE));
  }

  private static boolean isWanted(Path local) {
    try (StateDict file = StateDicts.open(local)) {
      return PeftConfig.isWanted(file);
    } catch (AthanorException e) {
      return false;
    }
  }
}
