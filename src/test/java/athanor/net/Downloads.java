package athanor.net;

import athanor.error.Kind;
import athanor.error.Problem;
import athanor.progress.Cancellation;
import java.net.ProxySelector;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** What tests of downloads need: settings without patience, and a source at an address. */
final class Downloads {
  private Downloads() {}

  static HttpSettings impatient(int connections, int tries, Consumer<String> notices) {
    return impatient(connections, tries, Duration.ofMillis(30), notices);
  }

  static HttpSettings impatient(
      int connections, int tries, Duration checkpoint, Consumer<String> notices) {
    return new HttpSettings(
        new HttpSettings.Timeouts(
            Duration.ofSeconds(2), Duration.ofSeconds(2), Duration.ofMillis(300)),
        new HttpSettings.Retries(
            tries, Duration.ofMillis(5), Duration.ofMillis(20), Duration.ofSeconds(3), 1 << 20),
        new HttpSettings.Transfers(connections, 1 << 20, 256 << 10, checkpoint),
        ProxySelector.of(null),
        Optional.empty(),
        notices);
  }

  static BodySource at(Supplier<URI> address) {
    return new BodySource() {
      @Override
      public Call locate(Cancellation cancellation) {
        return Call.get(address.get());
      }

      @Override
      public Problem explain(Refusal refusal) {
        return Problem.of(Kind.NETWORK, "refused").found(refusal.shown());
      }
    };
  }
}
