package athanor.hub;

import athanor.error.Problem;
import athanor.net.BodySource;
import athanor.net.Call;
import athanor.net.Refusal;
import athanor.progress.Cancellation;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/** A service as the rest of this package uses it. Thread-safe. */
sealed interface Host permits HuggingFace, Civitai, PlainWeb {

  /** Where the bytes of a file are now. */
  Located locate(RemoteFile file, Cancellation cancellation);

  /** What a refusal means. */
  Problem explain(RemoteFile file, Refusal refusal);

  /** What to do when a page arrives instead of the file. */
  String adviceForPages(RemoteFile file);

  /** The file as the network code sees it; {@code first} is an address that was found already. */
  default BodySource body(RemoteFile file, Optional<Call> first) {
    return new Body(this, file, new AtomicReference<>(first));
  }

  /** A file of a host. */
  record Body(Host host, RemoteFile file, AtomicReference<Optional<Call>> first)
      implements BodySource {
    @Override
    public Call locate(Cancellation cancellation) {
      Optional<Call> known = first.getAndSet(Optional.empty());
      if (known.isPresent()) {
        return known.get();
      }
      return switch (host.locate(file, cancellation)) {
        case Located.At at -> at.call();
        case Located.Denied denied -> throw denied.problem().toException();
      };
    }

    @Override
    public Problem explain(Refusal refusal) {
      return host.explain(file, refusal);
    }

    @Override
    public String adviceForWrongContent() {
      return host.adviceForPages(file);
    }
  }
}
