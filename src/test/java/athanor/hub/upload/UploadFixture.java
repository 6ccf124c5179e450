package athanor.hub.upload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import athanor.error.AthanorException;
import athanor.error.Problem;
import athanor.hub.Hub;
import athanor.hub.HubSettings;
import athanor.net.HttpSettings;
import athanor.progress.Cancellation;
import athanor.progress.Progress;
import athanor.testkit.web.Blob;
import athanor.testkit.web.FakeHuggingFace;
import athanor.testkit.web.FakeWeb;
import athanor.testkit.web.Repo;
import athanor.testkit.web.Seen;
import athanor.testkit.web.Token;
import athanor.testkit.web.Tokens;
import athanor.testkit.web.upload.Publishing;
import athanor.testkit.web.upload.Step;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/**
 * A fake hub that takes uploads, an impatient way to it, and what every test asserts at its end: no
 * token reached another origin, a log or a file, no signed address stayed behind or was said, and
 * no request was repeated without end.
 */
abstract class UploadFixture {
  static final String REPO = "alice/merged";
  static final int CHUNK = 300_000;

  @TempDir Path home;
  final FakeWeb web = new FakeWeb();
  final Publishing hub = web.publishing();
  final List<String> notices = new CopyOnWriteArrayList<>();
  final Cancellation cancellation = new Cancellation();
  private final List<Hub> opened = new ArrayList<>();
  private final List<String> said = new CopyOnWriteArrayList<>();
  boolean stateMayStay;
  int mostRequests = 80;

  @AfterEach
  void nothingLeaked() throws IOException {
    opened.forEach(Hub::close);
    web.close();
    said.addAll(notices);
    assertThat(hub.tokenSeenAtStorage()).isFalse();
    assertThat(web.civitai().log()).isEmpty();
    for (String token : web.huggingFace().tokens().secrets()) {
      assertThat(said).noneMatch(text -> text.contains(token));
      assertThat(web.huggingFace().log())
          .noneMatch(seen -> seen.target().contains(token))
          .noneMatch(seen -> new String(seen.body(), StandardCharsets.UTF_8).contains(token));
      assertThat(filesWith(token)).isEmpty();
    }
    assertThat(said).noneMatch(text -> text.contains("X-Amz") || text.contains("uploadId"));
    if (!stateMayStay) {
      assertThat(filesWith("X-Amz-Signature")).isEmpty();
    }
    assertThat(web.huggingFace().log().size() + web.storage().log().size())
        .as("requests")
        .isLessThanOrEqualTo(mostRequests);
  }

  private List<Path> filesWith(String text) throws IOException {
    try (Stream<Path> tree = Files.walk(home)) {
      return tree.filter(Files::isRegularFile).filter(file -> read(file).contains(text)).toList();
    }
  }

  static String read(Path file) {
    try {
      return Files.readString(file, StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Uploads uploads() {
    return uploads(Tokens.WRITE);
  }

  Uploads uploads(Token token) {
    return uploads("HF_TOKEN", token.secret());
  }

  Uploads uploads(String... variables) {
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
                    Duration.ofSeconds(5), Duration.ofSeconds(5), Duration.ofSeconds(1)))
            .with(
                new HttpSettings.Retries(
                    4,
                    Duration.ofMillis(5),
                    Duration.ofMillis(20),
                    Duration.ofSeconds(2),
                    1 << 20));
    Hub opening = Hub.open(settings.with(impatient));
    opened.add(opening);
    return opening.uploads();
  }

  Path model(String name, int values, long seed) {
    try {
      return Files.write(home.resolve(name), FakeWeb.safetensors(values, seed));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A file of 1 000 085 bytes: four parts. */
  Path model() {
    return model("model.safetensors", 500_000, 1);
  }

  static Blob blob(Path file) {
    try {
      return Blob.of(Files.readAllBytes(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static String sha256(Path file) {
    return blob(file).sha256();
  }

  static UploadItem.LocalFile item(Path file) {
    return new UploadItem.LocalFile(file, String.valueOf(file.getFileName()), Optional.empty());
  }

  static UploadItem.Text card(String text) {
    return new UploadItem.Text("README.md", text, false);
  }

  UploadRequest request() {
    return UploadRequest.to(RepoId.parse(REPO), "Upload model");
  }

  UploadRequest request(Visibility visibility) {
    UploadRequest usual = request();
    return new UploadRequest(
        usual.repo(), visibility, false, "main", usual.message(), usual.card());
  }

  Publication publish(UploadItem... items) {
    return publish(uploads(), request(), items);
  }

  Publication publish(Uploads uploads, UploadRequest request, UploadItem... items) {
    UploadPermission permission = uploads.permit(request, cancellation);
    return uploads.publish(permission, List.of(items), Progress.NONE, cancellation);
  }

  Repo existing() {
    return web.huggingFace().repo(REPO, FakeHuggingFace.Visibility.PRIVATE);
  }

  /** The repository has this file at its head. */
  void assertPublished(String path, Path file) {
    Repo.Stored stored = web.huggingFace().find(REPO).orElseThrow().files().get(path);
    assertThat(stored).as(path).isNotNull();
    assertThat(stored.blob().sha256()).isEqualTo(sha256(file));
    assertThat(stored.lfs()).isTrue();
  }

  Problem failure(ThrowingCallable call) {
    AthanorException e = catchThrowableOfType(AthanorException.class, call);
    assertThat(e).as("a failure").isNotNull();
    said.add(e.getMessage() + e.problem().help().orElse("") + e.getCause());
    return e.problem();
  }

  List<Path> states() {
    try (Stream<Path> files = Files.list(home.resolve("cache/uploads"))) {
      return files.toList();
    } catch (NoSuchFileException e) {
      return List.of();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  List<Seen> requests(Step step) {
    return hub.requestsOf(step).toList();
  }
}
