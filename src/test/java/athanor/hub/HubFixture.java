package athanor.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import athanor.error.AthanorException;
import athanor.error.Problem;
import athanor.net.HttpSettings;
import athanor.progress.Cancellation;
import athanor.progress.Progress;
import athanor.testkit.web.Blob;
import athanor.testkit.web.FakeCivitai;
import athanor.testkit.web.FakeHuggingFace;
import athanor.testkit.web.FakeWeb;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/**
 * The fakes, an impatient {@link Hub} on them, and what every test asserts at its end: no token
 * ever reached the storage, and none was ever said.
 */
abstract class HubFixture {
  @TempDir Path home;
  final FakeWeb web = new FakeWeb();
  final FakeHuggingFace huggingFace = web.huggingFace();
  final FakeCivitai civitai = web.civitai();
  final List<String> notices = new CopyOnWriteArrayList<>();
  final Cancellation cancellation = new Cancellation();
  private final List<Hub> opened = new ArrayList<>();
  private final List<String> said = new CopyOnWriteArrayList<>();

  @AfterEach
  void noTokenLeaked() {
    opened.forEach(Hub::close);
    web.close();
    assertThat(web.storage().log())
        .noneMatch(seen -> seen.head().contains("uthorization"))
        .noneMatch(seen -> (seen.target() + seen.head()).contains(FakeHuggingFace.TOKEN))
        .noneMatch(seen -> (seen.target() + seen.head()).contains(FakeCivitai.TOKEN));
    assertThat(huggingFace.log())
        .noneMatch(seen -> (seen.target() + seen.head()).contains(FakeCivitai.TOKEN));
    assertThat(civitai.log())
        .noneMatch(seen -> (seen.target() + seen.head()).contains(FakeHuggingFace.TOKEN))
        .noneMatch(seen -> seen.target().contains(FakeCivitai.TOKEN));
    said.addAll(notices);
    assertThat(said)
        .noneMatch(text -> text.contains(FakeHuggingFace.TOKEN))
        .noneMatch(text -> text.contains(FakeCivitai.TOKEN))
        .noneMatch(text -> text.contains("X-Amz"));
  }

  Hub hub(String... variables) {
    Map<String, String> environment = web.environment(home);
    for (int i = 0; i < variables.length; i += 2) {
      environment.put(variables[i], variables[i + 1]);
    }
    HubSettings settings = HubSettings.from(environment, home, notices::add);
    HttpSettings impatient =
        settings
            .http()
            .with(
                new HttpSettings.Timeouts(
                    Duration.ofSeconds(2), Duration.ofSeconds(2), Duration.ofMillis(400)))
            .with(
                new HttpSettings.Retries(
                    3,
                    Duration.ofMillis(5),
                    Duration.ofMillis(20),
                    Duration.ofSeconds(2),
                    1 << 20));
    Hub hub = Hub.open(settings.with(impatient));
    opened.add(hub);
    return hub;
  }

  Hub loggedIn() {
    return hub("HF_TOKEN", FakeHuggingFace.TOKEN, "CIVITAI_TOKEN", FakeCivitai.TOKEN);
  }

  RemoteFile resolve(Hub hub, String link) {
    return hub.resolve(hub.parse(link), cancellation);
  }

  Fetched fetch(Hub hub, String link) {
    return hub.fetch(resolve(hub, link), Progress.NONE, cancellation);
  }

  Fetched download(Hub hub, String link) {
    return hub.download(resolve(hub, link), out(), Progress.NONE, cancellation);
  }

  Path out() {
    return home.resolve("out");
  }

  Problem failure(ThrowingCallable call) {
    AthanorException e = catchThrowableOfType(AthanorException.class, call);
    said.add(e.getMessage() + e.problem().help().orElse("") + e.getCause());
    return e.problem();
  }

  /** Names of all files below a folder, slashes between. */
  List<String> files(Path folder) {
    if (!Files.exists(folder)) {
      return List.of();
    }
    try (Stream<Path> tree = Files.walk(folder)) {
      return tree.filter(Files::isRegularFile)
          .map(file -> folder.relativize(file).toString())
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Blob model(int seed) {
    return Blob.of(FakeWeb.safetensors(150_001, seed));
  }
}
