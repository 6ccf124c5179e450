package athanor.hub;

import static org.assertj.core.api.Assertions.assertThat;

import athanor.progress.Progress;
import athanor.testkit.web.Blob;
import athanor.testkit.web.FakeHuggingFace.Visibility;
import athanor.testkit.web.Repo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class CacheTest extends HubFixture {
  private final Blob one = model(31);
  private final Blob two = model(32);
  private Hub hub;
  private Cache cache;

  @BeforeEach
  void fill() {
    hub = hub();
    cache = hub.cache();
    Repo repo = huggingFace.repo("a/b", Visibility.PUBLIC);
    huggingFace.file(repo, "one.safetensors", one);
    huggingFace.file(repo, "two.safetensors", two);
    fetch(hub, "hf:a/b/one.safetensors");
    fetch(hub, "hf:a/b/two.safetensors");
  }

  @Test
  void listsWhatItHas() {
    assertThat(cache.entries())
        .extracting(Cache.Entry::sha256)
        .containsExactlyInAnyOrder(one.sha256(), two.sha256());
    assertThat(cache.entries())
        .allSatisfy(entry -> {
          assertThat(entry.size()).isEqualTo(one.size());
          assertThat(entry.source()).startsWith("hf:a/b/");
          assertThat(entry.path()).isRegularFile();
        });
  }

  @Test
  void removesOneOrAll() {
    assertThat(cache.remove(one.sha256())).isGreaterThanOrEqualTo(one.size());
    assertThat(cache.entries()).hasSize(1);
    assertThat(fetch(hub, "hf:a/b/one.safetensors").how()).isEqualTo(Fetched.How.DOWNLOADED);

    assertThat(cache.removeAll()).isGreaterThan(one.size() + two.size());
    assertThat(files(cache.folder())).isEmpty();
    assertThat(cache.entries()).isEmpty();
  }

  @Test
  void verifiesAndRemovesWhatIsDamaged() throws IOException {
    Cache.Entry entry = cache.find(one.sha256()).orElseThrow();
    assertThat(cache.verify(entry, Progress.NONE, cancellation)).isTrue();

    FileTime time = Files.getLastModifiedTime(entry.path());
    byte[] bytes = Files.readAllBytes(entry.path());
    bytes[1000] ^= 1;
    Files.write(entry.path(), bytes);
    Files.setLastModifiedTime(entry.path(), time);

    assertThat(cache.verify(entry, Progress.NONE, cancellation)).isFalse();
    assertThat(cache.find(one.sha256())).isEmpty();
  }

  @Test
  void doesNotTrustAFileThatWasTouched() throws IOException {
    Cache.Entry entry = cache.find(one.sha256()).orElseThrow();
    Files.setLastModifiedTime(entry.path(), FileTime.fromMillis(1));

    assertThat(cache.find(one.sha256())).isEmpty();
    assertThat(fetch(hub, "hf:a/b/one.safetensors").sha256()).isEqualTo(one.sha256());
    assertThat(cache.find(one.sha256())).isPresent();
  }

  @Test
  void leavesWhatItDidNotPutThere() throws IOException {
    Path picture = Files.writeString(cache.folder().resolve("files/holiday.png"), "mine");
    Path uploads = Files.createDirectories(cache.folder().resolve("uploads"));
    Path draft = Files.writeString(uploads.resolve("draft.txt"), "mine");
    Path victim = Files.createDirectory(home.resolve("victim"));
    Files.writeString(victim.resolve("precious"), "mine");
    Files.createSymbolicLink(cache.folder().resolve("files/" + "a".repeat(64)), victim);

    cache.removeAll();

    assertThat(files(cache.folder()))
        .containsExactlyInAnyOrder("files/holiday.png", "uploads/draft.txt");
    assertThat(picture).hasContent("mine");
    assertThat(draft).hasContent("mine");
    assertThat(victim.resolve("precious")).hasContent("mine");
  }

  @Test
  void copiesNothingThroughALink() throws IOException {
    Path victim = Files.writeString(home.resolve("victim"), "precious");
    Files.createDirectories(out());
    Files.createSymbolicLink(out().resolve("one.safetensors.athanor-copy"), victim);

    assertThat(failure(() -> download(hub, "hf:a/b/one.safetensors")).what())
        .contains("cannot be copied");
    assertThat(victim).hasContent("precious");
  }
}
