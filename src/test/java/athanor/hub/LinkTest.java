package athanor.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import athanor.error.AthanorException;
import athanor.error.Kind;
import athanor.error.Problem;
import java.net.URI;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LinkTest {
  @ParameterizedTest
  @CsvSource({
    "https://huggingface.co/alice/pixel/resolve/main/a/b.safetensors, hf:alice/pixel/a/b.safetensors",
    "https://huggingface.co/alice/pixel/blob/main/b.safetensors, hf:alice/pixel/b.safetensors",
    "https://huggingface.co/alice/pixel/raw/main/b.safetensors, hf:alice/pixel/b.safetensors",
    "huggingface.co/alice/pixel/blob/main/b.safetensors, hf:alice/pixel/b.safetensors",
    "https://hf.co/alice/pixel/resolve/v2/b.bin?download=true#x, hf:alice/pixel/b.bin@v2",
    "https://huggingface.co/alice/pixel/resolve/refs%2Fpr%2F1/b.bin, hf:alice/pixel/b.bin@refs/pr/1",
    "https://huggingface.co/alice/pixel/blob/refs/pr/1/b.bin, hf:alice/pixel/b.bin@refs/pr/1",
    "https://huggingface.co/gpt2/resolve/main/model.safetensors, hf:gpt2/resolve/main/model.safetensors",
    "https://huggingface.co/alice/pixel, hf:alice/pixel",
    "https://huggingface.co/alice/pixel/tree/main, hf:alice/pixel",
    "https://huggingface.co/alice/pixel/tree/v2, hf:alice/pixel@v2",
    "https://huggingface.co/alice/pixel/tree/main/unet, "
        + "https://huggingface.co/alice/pixel/tree/main/unet",
    "https://huggingface.co/alice/pixel/discussions/3, hf:alice/pixel",
    "https://huggingface.co/datasets/alice/d/resolve/main/x.bin, hf:datasets/alice/d/x.bin",
    "hf:alice/pixel, hf:alice/pixel",
    "hf:alice/pixel@v2, hf:alice/pixel@v2",
    "hf:alice/pixel/b.safetensors, hf:alice/pixel/b.safetensors",
    "HF:alice/pixel/b.safetensors@v2, hf:alice/pixel/b.safetensors@v2",
    "hf:alice/pixel/b@v2.safetensors, hf:alice/pixel/b@v2.safetensors",
    "hf://alice/pixel@v2/d/b.safetensors, hf:alice/pixel/d/b.safetensors@v2",
    "hf://alice/pixel@refs/pr/1/b.safetensors, hf:alice/pixel/b.safetensors@refs/pr/1",
    "https://hf-mirror.com/alice/pixel/resolve/main/b.bin, "
        + "https://hf-mirror.com/alice/pixel/resolve/main/b.bin",
    "https://civitai.com/models/12, https://civitai.com/models/12",
    "https://civitai.com/models/12/pixel-style?modelVersionId=34, "
        + "https://civitai.com/api/download/models/34",
    "civitai.com/models/12/pixel-style, https://civitai.com/models/12",
    "https://civitai.red/models/12, https://civitai.com/models/12",
    "https://civitai.com/model-versions/34, https://civitai.com/api/download/models/34",
    "https://civitai.com/api/download/models/34?type=Model&format=SafeTensor&token=geheim, "
        + "https://civitai.com/api/download/models/34?format=SafeTensor&type=Model",
    "https://civitai.com/api/download/models/34?fileId=5, "
        + "https://civitai.com/api/download/models/34?fileId=5",
    "civitai:12@34, https://civitai.com/api/download/models/34",
    "civitai:12, https://civitai.com/models/12",
    "urn:air:sdxl:lora:civitai:12@34, https://civitai.com/api/download/models/34",
    "URN:AIR:sdxl:lora:civitai:12@34, https://civitai.com/api/download/models/34",
    "air:sd1:checkpoint:civitai:12, https://civitai.com/models/12",
    "sdxl:lora:civitai:12@34, https://civitai.com/api/download/models/34",
    "urn:air:flux1:lora:civitai:12@34+5.safetensor, "
        + "https://civitai.com/api/download/models/34?fileId=5",
    "urn:air:sdxl:lora:huggingface:alice/pixel@b.safetensors, hf:alice/pixel/b.safetensors",
    "urn:air:sdxl:lora:huggingface:alice/pixel@v2, hf:alice/pixel@v2",
    "https://example.org/x/y.safetensors, https://example.org/x/y.safetensors",
    "https://example.org/y.bin?sig=geheim, https://example.org/y.bin",
    "https://alice:geheim@example.org/y.bin, https://example.org/y.bin"
  })
  void understands(String text, String canonical) {
    Link link = Link.parse(text);

    // An old name without a user cannot be written with hf:, as it would read as user and name.
    if (!text.contains("/gpt2/")) {
      assertThat(link.canonical()).isEqualTo(canonical);
      assertThat(Link.parse(canonical).canonical()).isEqualTo(canonical);
    }
    assertThat(link.toString()).doesNotContain("geheim&").doesNotContain("token=geheim");
    assertThat(Link.looksLikeLink(text)).isTrue();
  }

  @Test
  void understandsOldRepositoriesWithoutAUser() {
    Link link = Link.parse("https://huggingface.co/gpt2/resolve/main/model.safetensors");

    assertThat(link)
        .isInstanceOfSatisfying(
            Link.HubFile.class,
            file -> {
              assertThat(file.repo().id()).isEqualTo("gpt2");
              assertThat(file.path()).isEqualTo("model.safetensors");
            });
    assertThat(Link.parse(link.canonical())).isEqualTo(link);
  }

  @Test
  void keepsAPastedKeyOutOfSight() {
    Link link = Link.parse("https://civitai.com/api/download/models/34?token=geheim");

    assertThat(link.toString()).doesNotContain("geheim");
    assertThat(link)
        .isInstanceOfSatisfying(
            Link.CivitaiVersion.class,
            version -> assertThat(version.token().orElseThrow().reveal()).isEqualTo("geheim"));
  }

  @Test
  void readsAHashBehindAPlainLink() {
    String hash = "ab".repeat(32);
    Link link = Link.parse("https://example.org/y.bin#sha256=" + hash.toUpperCase());

    assertThat(link)
        .isInstanceOfSatisfying(Link.Web.class, web -> assertThat(web.sha256()).contains(hash));
    assertThat(Link.parse(link.canonical())).isEqualTo(link);
  }

  @Test
  void asksDropboxForTheFile() {
    Link link = Link.parse("https://www.dropbox.com/scl/fi/x/y.safetensors?rlkey=k&dl=0");

    assertThat(((Link.Web) link).address().getQuery()).isEqualTo("rlkey=k&dl=1");
  }

  @Test
  void understandsAConfiguredEndpoint() {
    var parser =
        new LinkParser(URI.create("http://hub.lan:8080/mirror"), URI.create("http://civ.lan"));

    assertThat(parser.parse("http://hub.lan:8080/mirror/a/b/resolve/main/c.bin").canonical())
        .isEqualTo("hf:a/b/c.bin");
    assertThat(parser.parse("http://civ.lan/models/1?modelVersionId=2"))
        .isInstanceOf(Link.CivitaiVersion.class);
  }

  @ParameterizedTest
  @CsvSource({
    "https://civitai.com/images/123, https://civitai.com/models/NUMBER",
    "https://civitai.com/posts/123, https://civitai.com/models/NUMBER",
    "https://civitai.com/user/bob, https://civitai.com/models/NUMBER",
    "https://civitai.com/, https://civitai.com/models/NUMBER",
    "https://huggingface.co/, hf:user/repo/file.safetensors",
    "https://huggingface.co/models?search=x, hf:user/repo/file.safetensors",
    "https://huggingface.co/docs/hub/index, hf:user/repo/file.safetensors",
    "https://huggingface.co/alice, one of the models",
    "https://huggingface.co/spaces/alice/demo, the model it uses",
    "https://drive.google.com/file/d/1AbC-d/view?usp=sharing, "
        + "https://drive.usercontent.google.com/download?id=1AbC-d",
    "https://drive.google.com/drive/folders/1AbC, one file",
    "https://github.com/o/r/blob/main/x.bin, https://github.com/o/r/raw/main/x.bin",
    "https://mega.nz/file/x#y, browser",
    "https://www.mediafire.com/file/x/y.rar/file, browser",
    "https://www.reddit.com/r/x/comments/y, model's page",
    "https://tensor.art/models/1, browser",
    "magnet:?xt=urn:btih:1, torrent program",
    "file:///home/me/x.safetensors, path without file://",
    "ftp://host/x.bin, paste"
  })
  void saysWhatToPasteInstead(String text, String advice) {
    assertThat(Link.looksLikeLink(text)).isTrue();

    Problem problem =
        catchThrowableOfType(AthanorException.class, () -> Link.parse(text)).problem();

    assertThat(problem.kind()).isEqualTo(Kind.USAGE);
    assertThat(problem.help().orElse("")).contains(advice);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "hf:alice",
        "hf:",
        "hf:a--b/c",
        "hf:../etc/passwd",
        "hf:alice/pixel/../../x",
        "hf:alice/.hidden/x",
        "hf:alice/repo.git/x",
        "civitai:abc",
        "civitai:99999999999",
        "urn:air:sdxl:lora:openai:1@2",
        "urn:air:sdxl:lora:civitai:x@y",
        "urn:air:nothing",
        "https://civitai.com/models/99999999999"
      })
  void refusesMalformedNames(String text) {
    assertThat(
            catchThrowableOfType(AthanorException.class, () -> Link.parse(text)).problem().kind())
        .isEqualTo(Kind.USAGE);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "style.safetensors",
        "./a/b.ckpt",
        "C:\\models\\x.safetensors",
        "/models/x.ckpt",
        "hf_model.safetensors",
        "models/civitai/x.bin",
        "a@0.5",
        "http.safetensors",
        "12345"
      })
  void takesPathsForPaths(String text) {
    assertThat(Link.looksLikeLink(text)).isFalse();
  }
}
