package athanor.hub;

import static org.assertj.core.api.Assertions.assertThat;

import athanor.error.Kind;
import athanor.error.Problem;
import athanor.testkit.web.Blob;
import athanor.testkit.web.FakeServer;
import athanor.testkit.web.FakeStorage;
import athanor.testkit.web.Faults;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PlainWebTest extends HubFixture {
  private final FakeServer site = new FakeServer();
  private final Blob blob = model(21);
  private final FakeStorage storage = web.storage();

  @BeforeEach
  void publish() {
    storage.put(blob);
    site.handle(
        "/files/",
        (exchange, body) -> {
          exchange.getResponseHeaders().set("Location", storage.sign(blob).toString());
          exchange.sendResponseHeaders(302, -1);
        });
  }

  @AfterEach
  void stop() {
    site.close();
  }

  private String link() {
    return site.address() + "/files/my%20style.safetensors";
  }

  @Test
  void fetchesAPlainLinkThroughARedirect() {
    Hub hub = hub();

    RemoteFile file = resolve(hub, link());
    Fetched fetched = download(hub, link());

    assertThat(file.size()).hasValue(blob.size());
    assertThat(file.localName()).isEqualTo("my style.safetensors");
    assertThat(fetched.sha256()).isEqualTo(blob.sha256());
    assertThat(files(out())).containsExactly("my style.safetensors");
  }

  @Test
  void recognisesAPlainLinkThatIsInTheCache() {
    Hub hub = hub();
    fetch(hub, link());

    assertThat(fetch(hub, link()).how()).isEqualTo(Fetched.How.FROM_CACHE);
  }

  @Test
  void sendsALoginInTheLinkOnlyToItsOwnOrigin() {
    String withLogin = link().replace("http://", "http://alice:geheim@");

    download(hub(), withLogin);

    assertThat(site.log()).allMatch(seen -> seen.head().contains("Basic "));
    assertThat(files(out())).containsExactly("my style.safetensors");
  }

  @Test
  void verifiesAHashThatTheUserGives() {
    Problem problem = failure(() -> download(hub(), link() + "#sha256=" + "ab".repeat(32)));

    assertThat(problem.expected()).contains("SHA-256 " + "ab".repeat(32));
    assertThat(files(out())).isEmpty();
    assertThat(download(hub(), link() + "#sha256=" + blob.sha256()).sha256())
        .isEqualTo(blob.sha256());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "attachment; filename=\"../../.ssh/authorized_keys\"|authorized_keys",
        "attachment; filename=\"C:\\\\Windows\\\\x.safetensors\"|x.safetensors",
        "attachment; filename=a%2f..%2fb.bin|b.bin",
        "attachment; filename*=UTF-8''..%2Fx.bin|x.bin",
        "attachment; filename=\"good.bin\"; filename*=UTF-8''..%2F..%2Fevil.bin|evil.bin",
        "attachment; filename=\"nul.safetensors\"|_nul.safetensors",
        "attachment; filename=\"-rf\"|rf",
        "attachment; filename=\"x.safetensors:ads\"|x.safetensors_ads",
        "attachment; filename=\"..\"|download",
        "attachment; filename=\".bashrc\"|bashrc"
      })
  void savesHostileNamesAsHarmlessOnesInTheFolder(String header, String expected) {
    storage.disposition(header);

    download(hub(), link());

    assertThat(files(out())).containsExactly(expected);
    assertThat(files(home)).allMatch(name -> name.startsWith("out/"));
  }

  @Test
  void refusesAPageBeforeAnythingIsStored() {
    site.handle(
        "/page",
        (exchange, body) ->
            FakeServer.send(
                exchange, 200, "text/html", "<html><title>Buy now</title></html>".getBytes()));

    Problem problem = failure(() -> resolve(hub(), site.address() + "/page"));

    assertThat(problem.kind()).isEqualTo(Kind.NETWORK);
    assertThat(problem.line()).contains("web page").contains("Buy now");
    assertThat(files(home)).isEmpty();
  }

  @Test
  void explainsRefusals() {
    site.handle("/gone", (exchange, body) -> exchange.sendResponseHeaders(404, -1));
    site.handle("/closed", (exchange, body) -> exchange.sendResponseHeaders(403, -1));
    site.handle("/broken", (exchange, body) -> exchange.sendResponseHeaders(500, -1));

    assertThat(failure(() -> resolve(hub(), site.address() + "/gone")).what())
        .contains("not there");
    assertThat(failure(() -> resolve(hub(), site.address() + "/closed")).what())
        .contains("refuses access");
    assertThat(failure(() -> resolve(hub(), site.address() + "/broken")).what())
        .contains("has trouble");
  }

  @Test
  void readsInPlaceEvenWithoutRangesAtTheBeginning() {
    Hub hub = hub();
    RemoteFile file = resolve(hub, link());
    storage.fail(1, Faults.ignoreRange());

    try (var source = ((Preview.Opened) hub.preview(file, cancellation)).bytes()) {
      assertThat(source.read(8, 4)).isEqualTo("{\"w\"".getBytes());
    }
  }

  @Test
  void leavesOnlyThePartWhenInterruptedAndGoesOnLater() {
    storage.fail(1, (exchange, content, from, to, ranged) -> false); // the look at the file
    storage.fail(1, Faults.cutAfter(250_000));
    storage.fail(5, Faults.status(503));

    assertThat(failure(() -> download(hub(), link())).line()).contains("HTTP 503");
    assertThat(files(out()))
        .isEqualTo(
            List.of("my style.safetensors.athanor-part", "my style.safetensors.athanor-part.json"));

    storage.fail(0, Faults.gzip());
    drainFaults();
    Fetched fetched = download(hub(), link());
    assertThat(fetched.sha256()).isEqualTo(blob.sha256());
    assertThat(fetched.transferred()).isLessThan(blob.size());
    assertThat(files(out())).containsExactly("my style.safetensors");
  }

  private void drainFaults() {
    while (true) {
      try {
        resolve(hub(), link());
        return;
      } catch (athanor.error.AthanorException e) {
        // One fault fewer.
      }
    }
  }
}
