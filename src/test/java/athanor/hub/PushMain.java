package athanor.hub;

import athanor.hub.upload.Publication;
import athanor.hub.upload.RepoId;
import athanor.hub.upload.UploadItem;
import athanor.hub.upload.UploadRequest;
import athanor.hub.upload.Uploads;
import athanor.progress.Cancellation;
import athanor.progress.Progress;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Publishes one file with the environment of the process, for benchmarks: {@code FILE USER/REPO
 * [SHA256]}; with the hash, the file is read only once, as after a merge. Prints what came of it
 * and the most memory that was resident.
 */
public final class PushMain {
  private PushMain() {}

  /** Publishes. */
  public static void main(String[] args) {
    Path home = Path.of(System.getProperty("user.home"));
    HubSettings settings = HubSettings.from(System.getenv(), home, System.err::println);
    FetchMain.requireLoopback(settings);
    var cancellation = new Cancellation();
    try (Hub hub = Hub.open(settings)) {
      Uploads uploads = hub.uploads();
      var request = UploadRequest.to(RepoId.parse(args[1]), "Upload");
      Optional<String> sha256 = args.length > 2 ? Optional.of(args[2]) : Optional.empty();
      var item = new UploadItem.LocalFile(Path.of(args[0]), "large.safetensors", sha256);
      var permission = uploads.permit(request, cancellation);
      Publication done = uploads.publish(permission, List.of(item), Progress.NONE, cancellation);
      System.out.println(done);
    }
    System.out.println("PEAK_KB=" + FetchMain.peakKilobytes());
    System.exit(0);
  }
}
