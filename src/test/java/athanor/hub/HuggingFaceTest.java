package athanor.hub;

import static org.assertj.core.api.Assertions.assertThat;

import athanor.error.Kind;
import athanor.error.Problem;
import athanor.progress.Progress;
import athanor.testkit.web.Blob;
import athanor.testkit.web.FakeHuggingFace;
import athanor.testkit.web.FakeHuggingFace.Visibility;
import athanor.testkit.web.Repo;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class HuggingFaceTest extends HubFixture {
  private static final String LINK = "hf:alice/pixel/pixel.safetensors";

  private final Blob blob = model(1);
  private Repo repo = huggingFace.repo("alice/pixel", Visibility.PUBLIC);

  @BeforeEach
  void upload() {
    huggingFace.file(repo, "pixel.safetensors", blob);
    huggingFace.file(repo, "README.md", Blob.of("hello".getBytes(StandardCharsets.UTF_8)));
  }

  @Test
  void resolvesAFileInOneRequest() {
    RemoteFile file = resolve(hub(), LINK);

    assertThat(file.size()).hasValue(blob.size());
    assertThat(file.sizeIsExact()).isTrue();
    assertThat(file.sha256()).contains(blob.sha256());
    assertThat(file.revision()).contains(repo.commit());
    assertThat(file.access()).isEqualTo(Access.OPEN);
    assertThat(file.localName()).isEqualTo("pixel.safetensors");
    assertThat(file.link().canonical()).isEqualTo(LINK + "@" + repo.commit());
    assertThat(file.asked()).isEqualTo(LINK);
    assertThat(huggingFace.log()).hasSize(1);
    assertThat(web.storage().log()).isEmpty();
  }

  @Test
  void fetchesIntoTheCacheOnceAndThenFindsIt() throws IOException {
    Hub hub = hub();

    Fetched first = fetch(hub, LINK);
    int requests = web.storage().log().size();
    Fetched second = fetch(hub, LINK);

    assertThat(first.how()).isEqualTo(Fetched.How.DOWNLOADED);
    assertThat(first.sha256()).isEqualTo(blob.sha256());
    assertThat(first.path()).hasFileName("pixel.safetensors").hasSize(blob.size());
    assertThat(second.how()).isEqualTo(Fetched.How.FROM_CACHE);
    assertThat(second.transferred()).isZero();
    assertThat(web.storage().log()).hasSize(requests);
    assertThat(files(home.resolve("cache/files")))
        .containsExactly(blob.sha256() + "/entry.json", blob.sha256() + "/pixel.safetensors");
  }

  @Test
  void downloadsIntoAFolder() {
    Fetched fetched =
        download(hub(), huggingFace.address() + "/alice/pixel/blob/main/pixel.safetensors");

    assertThat(fetched.path()).isEqualTo(out().resolve("pixel.safetensors"));
    assertThat(files(out())).containsExactly("pixel.safetensors");
  }

  @Test
  void recognisesAFileThatIsThereAlready() {
    Hub hub = hub();
    download(hub, LINK);

    Fetched again = download(hub, LINK);

    assertThat(again.how()).isEqualTo(Fetched.How.ALREADY_THERE);
    assertThat(files(out())).containsExactly("pixel.safetensors");
  }

  @Test
  void replacesNoFileOfTheSameName() throws IOException {
    Files.createDirectories(out());
    Files.writeString(out().resolve("pixel.safetensors"), "mine");
    Hub hub = hub();

    Fetched fetched = download(hub, LINK);
    Fetched again = download(hub, LINK);

    assertThat(out().resolve("pixel.safetensors")).hasContent("mine");
    assertThat(fetched.path())
        .hasFileName("pixel-" + blob.sha256().substring(0, 8) + ".safetensors");
    assertThat(again.how()).isEqualTo(Fetched.How.ALREADY_THERE);
    assertThat(again.path()).isEqualTo(fetched.path());
  }

  @Test
  void copiesFromTheCache() {
    Hub hub = hub();
    fetch(hub, LINK);

    Fetched fetched = download(hub, LINK);

    assertThat(fetched.how()).isEqualTo(Fetched.How.FROM_CACHE);
    assertThat(fetched.path()).hasSize(blob.size());
    assertThat(files(out())).containsExactly("pixel.safetensors");
  }

  @Test
  void givesGenericNamesTheNameOfTheirRepository() {
    huggingFace.file(repo, "sub/pytorch_lora_weights.safetensors", model(2));

    assertThat(resolve(hub(), "hf:alice/pixel/sub/pytorch_lora_weights.safetensors").localName())
        .isEqualTo("pixel-pytorch_lora_weights.safetensors");
  }

  @Test
  void takesTheOnlyWeightsOfARepository() {
    RemoteFile file = resolve(hub(), "hf:alice/pixel");

    assertThat(file.localName()).isEqualTo("pixel.safetensors");
    assertThat(file.sha256()).contains(blob.sha256());
    assertThat(file.declared().baseModel()).contains("stabilityai/stable-diffusion-xl-base-1.0");
    assertThat(file.declared().triggerWords()).containsExactly("pixel art");
    assertThat(file.declared().type()).contains("LORA");
    assertThat(file.declared().license()).contains("openrail++");
  }

  @Test
  void prefersSafetensorsToPickles() {
    huggingFace.file(repo, "pixel.ckpt", model(2));

    assertThat(resolve(hub(), "hf:alice/pixel").localName()).isEqualTo("pixel.safetensors");
    assertThat(notices).anyMatch(notice -> notice.contains("pixel.ckpt"));
  }

  @Test
  void listsTheChoiceWhenSeveralFilesFit() {
    huggingFace.file(repo, "second.safetensors", model(2));

    Problem problem = failure(() -> resolve(hub(), "hf:alice/pixel"));

    assertThat(problem.kind()).isEqualTo(Kind.USAGE);
    assertThat(problem.help().orElseThrow())
        .contains("hf:alice/pixel/pixel.safetensors")
        .contains("hf:alice/pixel/second.safetensors")
        .doesNotContain("README");
  }

  @Test
  void looksOnlyIntoTheFolderOfTheLink() {
    huggingFace.file(repo, "unet/model.safetensors", model(2));

    assertThat(resolve(hub(), huggingFace.address() + "/alice/pixel/tree/main/unet").localName())
        .isEqualTo("pixel-model.safetensors");
  }

  @Test
  void fetchesSmallFilesThatTheHubServesItself() {
    Fetched fetched = download(loggedIn(), "hf:alice/pixel/README.md");

    assertThat(fetched.path()).hasContent("hello");
    assertThat(web.storage().log()).isEmpty();
  }

  @Test
  void worksWithMirrorsThatLeaveOutHeaders() {
    huggingFace.sparse();

    RemoteFile file = resolve(hub(), LINK);

    assertThat(file.sha256()).contains(blob.sha256());
    assertThat(fetch(hub(), LINK).sha256()).isEqualTo(blob.sha256());
  }

  @Test
  void worksWhereHeadIsRefused() {
    huggingFace.noHead();

    assertThat(resolve(hub(), LINK).sha256()).contains(blob.sha256());
    assertThat(fetch(hub(), LINK).sha256()).isEqualTo(blob.sha256());
  }

  @Test
  void followsARenamedRepository() {
    huggingFace.rename("alice/old", "alice/pixel");

    assertThat(fetch(hub(), "hf:alice/old/pixel.safetensors").sha256()).isEqualTo(blob.sha256());
  }

  @Test
  void namesTheFilesWhenThereIsNoSuchFile() {
    Problem problem = failure(() -> resolve(hub(), "hf:alice/pixel/pixle.safetensors"));

    assertThat(problem.kind()).isEqualTo(Kind.NETWORK);
    assertThat(problem.line()).contains("there is no such file at main").contains("Root=1-fake");
    assertThat(problem.help().orElseThrow()).contains("it has: pixel.safetensors");
  }

  @Test
  void namesAMissingRevision() {
    assertThat(failure(() -> resolve(hub(), LINK + "@v9")).line())
        .contains("there is no branch, tag or commit v9");
  }

  @Test
  void explainsAMissingOrPrivateRepository() {
    huggingFace.file(huggingFace.repo("alice/secret", Visibility.PRIVATE), "x.safetensors", blob);

    Problem problem = failure(() -> resolve(hub(), "hf:alice/secret/x.safetensors"));

    assertThat(problem.line()).contains("no such repository, or it is private");
    assertThat(problem.help().orElseThrow()).contains("athanor auth login hf");
    assertThat(resolve(loggedIn(), "hf:alice/secret/x.safetensors").access())
        .isEqualTo(Access.OPEN);
  }

  @Test
  void declaresWhatAGatedRepositoryLists() {
    Repo gated = huggingFace.repo("alice/gated", Visibility.GATED);
    huggingFace.file(gated, "x.safetensors", blob);
    Hub hub = hub();

    RemoteFile file = resolve(hub, "hf:alice/gated/x.safetensors");

    assertThat(file.access()).isEqualTo(Access.NEEDS_TOKEN);
    assertThat(file.size()).hasValue(blob.size());
    assertThat(file.declared().baseModel()).isPresent();
    assertThat(hub.preview(file, cancellation))
        .isInstanceOfSatisfying(
            Preview.DeclaredOnly.class,
            only ->
                assertThat(only.reason().help().orElseThrow())
                    .contains("accept the terms at " + huggingFace.address() + "/alice/gated")
                    .contains("athanor auth login hf"));
    Problem problem = failure(() -> hub.fetch(file, Progress.NONE, cancellation));
    assertThat(problem.line()).contains("only to known users");
    assertThat(fetch(loggedIn(), "hf:alice/gated/x.safetensors").sha256()).isEqualTo(blob.sha256());
  }

  @Test
  void goesOnWithoutATokenThatIsNotAccepted() {
    Fetched fetched = fetch(hub("HF_TOKEN", "hf_expired"), LINK);

    assertThat(fetched.sha256()).isEqualTo(blob.sha256());
    assertThat(notices).anyMatch(n -> n.contains("does not accept the token from HF_TOKEN"));
  }

  @Test
  void readsAHeaderInPlace() {
    Hub hub = hub();
    RemoteFile file = resolve(hub, LINK);
    huggingFace.log().clear();

    try (var source = ((Preview.Opened) hub.preview(file, cancellation)).bytes()) {
      byte[] length = source.read(0, 8);
      byte[] header = source.read(8, length[0] & 0xff);
      byte[] end = source.read(source.size() - 5, 5);

      assertThat(new String(header, StandardCharsets.UTF_8)).startsWith("{\"w\":");
      assertThat(end).isEqualTo(tail(blob, 5));
      assertThat(source.size()).isEqualTo(blob.size());
    }
    assertThat(huggingFace.log()).hasSize(1);
    assertThat(web.storage().log()).hasSize(2);
    assertThat(files(home.resolve("cache"))).isEmpty();
  }

  private static byte[] tail(Blob blob, int count) {
    byte[] all = ((Blob.Bytes) blob).bytes();
    return java.util.Arrays.copyOfRange(all, all.length - count, all.length);
  }

  @Test
  void reusesTheCacheOfTheOfficialTools() throws IOException {
    Path official = officialCache(((Blob.Bytes) blob).bytes());
    Hub hub = hub();

    assertThat(hub.forecast(resolve(hub, LINK))).hasValue(0);
    Fetched fetched = fetch(hub, LINK);

    assertThat(fetched.how()).isEqualTo(Fetched.How.FROM_HUGGING_FACE_CACHE);
    assertThat(fetched.path()).startsWith(official);
    assertThat(web.storage().log()).isEmpty();
  }

  @Test
  void doesNotTrustADamagedBlobOfTheOfficialTools() throws IOException {
    byte[] damaged = ((Blob.Bytes) blob).bytes().clone();
    damaged[5000] ^= 1;
    officialCache(damaged);

    Fetched fetched = fetch(hub(), LINK);

    assertThat(fetched.how()).isEqualTo(Fetched.How.DOWNLOADED);
    assertThat(notices).anyMatch(notice -> notice.contains("damaged file"));
  }

  private Path officialCache(byte[] content) throws IOException {
    Path folder = home.resolve("hf/hub/models--alice--pixel");
    Path snapshot = folder.resolve("snapshots").resolve(repo.commit());
    Files.createDirectories(folder.resolve("blobs"));
    Files.createDirectories(folder.resolve("refs"));
    Files.createDirectories(snapshot);
    Path stored = folder.resolve("blobs").resolve(blob.sha256());
    Files.write(stored, content);
    Files.writeString(folder.resolve("refs/main"), repo.commit());
    Files.createSymbolicLink(
        snapshot.resolve("pixel.safetensors"), Path.of("../../blobs/" + blob.sha256()));
    return folder;
  }

  @Test
  void worksOfflineFromBothCaches() throws IOException {
    officialCache(((Blob.Bytes) blob).bytes());
    Hub offline = hub("HF_HUB_OFFLINE", "1");
    assertThat(fetch(offline, LINK).how()).isEqualTo(Fetched.How.FROM_HUGGING_FACE_CACHE);

    huggingFace.file(repo, "other.safetensors", model(9));
    fetch(hub(), "hf:alice/pixel/other.safetensors");
    huggingFace.log().clear();
    Fetched own = fetch(hub("TRANSFORMERS_OFFLINE", "yes"), "hf:alice/pixel/other.safetensors");

    assertThat(own.how()).isEqualTo(Fetched.How.FROM_CACHE);
    assertThat(huggingFace.log()).isEmpty();
  }

  @Test
  void saysWhichVariableForbidsTheNetwork() {
    Problem problem = failure(() -> resolve(hub("HF_HUB_OFFLINE", "TRUE"), LINK));

    assertThat(problem.line()).contains("HF_HUB_OFFLINE is set");
    assertThat(huggingFace.log()).isEmpty();
  }

  @Test
  void tellsWhomATokenBelongsTo() {
    Account account = loggedIn().whoami(Service.HUGGING_FACE, cancellation).orElseThrow();

    assertThat(account.name()).isEqualTo("alice");
    assertThat(account.role()).contains("read");
    assertThat(account.tokenName()).contains("laptop");
    assertThat(account.organisations()).containsExactly("acme");
    assertThat(account.source()).isEqualTo("HF_TOKEN");
    assertThat(hub().whoami(Service.HUGGING_FACE, cancellation)).isEmpty();
  }

  @Test
  void explainsATokenThatIsNotAccepted() {
    Problem problem =
        failure(() -> hub("HF_TOKEN", "hf_bad").whoami(Service.HUGGING_FACE, cancellation));

    assertThat(problem.line()).contains("HF_TOKEN").contains("does not accept this token");
    assertThat(problem.line()).doesNotContain("hf_bad");
  }

  @Test
  void keepsTheTokenFromAMirrorInALink() {
    // A mirror named in a link is another origin than the configured endpoint.
    var mirror = new FakeHuggingFace(web.storage());
    Repo copy = mirror.repo("alice/pixel", Visibility.PUBLIC);
    mirror.file(copy, "pixel.safetensors", blob);
    Hub hub = loggedIn();
    var link =
        new Link.HubFile(
            new Link.Repo(RepoType.MODEL, "alice/pixel", java.util.Optional.of(mirror.address())),
            "main",
            "pixel.safetensors");

    hub.fetch(hub.resolve(link, cancellation), Progress.NONE, cancellation);

    assertThat(mirror.log()).isNotEmpty().noneMatch(s -> s.head().contains("uthorization"));
    mirror.close();
  }
}
