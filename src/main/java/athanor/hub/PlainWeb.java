package athanor.hub;

import athanor.error.PrintableText;
import athanor.error.Problem;
import athanor.net.Call;
import athanor.net.Http;
import athanor.net.Probe;
import athanor.net.Refusal;
import athanor.net.Url;
import athanor.progress.Cancellation;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;

/** Any other web address of a file. Thread-safe. */
final class PlainWeb implements Host {
  private final Http http;

  PlainWeb(Http http) {
    this.http = http;
  }

  /** The file, as its server describes it. */
  RemoteFile resolve(Link.Web link, Cancellation cancellation) {
    RemoteFile asked = file(link, Optional.empty());
    Probe probe = Probe.of(http, body(asked, Optional.empty()), lastSegment(link), cancellation);
    return file(link, Optional.of(probe));
  }

  private static RemoteFile file(Link.Web link, Optional<Probe> probe) {
    String path = lastSegment(link);
    String name =
        probe
            .flatMap(Probe::fileName)
            .or(() -> Optional.of(path).filter(text -> !text.isEmpty()))
            .or(() -> probe.map(each -> lastSegment(Url.path(each.address()))))
            .orElse("download");
    OptionalLong size = probe.map(Probe::size).orElse(OptionalLong.empty());
    String validator = probe.flatMap(Probe::validator).orElse("");
    // The address itself may hold a signature, so only its digest is kept.
    String digest =
        UUID.nameUUIDFromBytes(link.address().toString().getBytes(StandardCharsets.UTF_8))
            .toString();
    return new RemoteFile(
        Service.WEB,
        link,
        link.canonical(),
        PrintableText.line(name),
        SafeName.of(name, "download"),
        size,
        size.isPresent(),
        link.sha256().or(() -> probe.flatMap(Probe::sha256)),
        Optional.empty(),
        probe.isPresent() ? Access.OPEN : Access.UNKNOWN,
        Declared.NOTHING,
        "web " + digest + " " + validator + " " + size.orElse(-1));
  }

  private static String lastSegment(Link.Web link) {
    return lastSegment(Url.path(link.address()));
  }

  private static String lastSegment(String path) {
    return Url.decode(path.substring(path.lastIndexOf('/') + 1));
  }

  @Override
  public Located locate(RemoteFile file, Cancellation cancellation) {
    Link.Web link = (Link.Web) file.link();
    Call call = Call.get(link.address());
    return new Located.At(link.login().map(call::with).orElse(call));
  }

  @Override
  public Problem explain(RemoteFile file, Refusal refusal) {
    return Refusals.byStatus(file.displayName(), refusal);
  }

  @Override
  public String adviceForPages(RemoteFile file) {
    return "open the link in a browser: the address must start a download by itself";
  }
}
