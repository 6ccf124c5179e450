package athanor.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import athanor.error.AthanorException;
import athanor.net.Secret;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CredentialsTest {
  @TempDir Path home;

  private Credentials credentials(String... variables) {
    Map<String, String> environment = new HashMap<>();
    for (int i = 0; i < variables.length; i += 2) {
      environment.put(variables[i], variables[i + 1]);
    }
    return new Credentials(HubSettings.from(environment, home, notice -> {}));
  }

  private static String mode(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }

  @Test
  void storesForTheOwnerOnly() throws IOException {
    Credentials credentials = credentials();
    credentials.store(Service.HUGGING_FACE, Secret.of("hf_one"));
    credentials.store(Service.HUGGING_FACE, Secret.of("hf_two"));

    Path file = credentials.path(Service.HUGGING_FACE);
    assertThat(mode(file)).isEqualTo("rw-------");
    assertThat(mode(file.getParent())).isEqualTo("rwx------");
    assertThat(credentials.token(Service.HUGGING_FACE).orElseThrow().secret().reveal())
        .isEqualTo("hf_two");
    assertThat(credentials.token(Service.CIVITAI)).isEmpty();
    try (var files = Files.list(file.getParent())) {
      assertThat(files).containsExactly(file);
    }
  }

  @Test
  void prefersTheEnvironmentThenItsOwnFileThenThatOfTheOfficialTools() throws IOException {
    Files.createDirectories(home.resolve(".cache/huggingface"));
    Files.writeString(home.resolve(".cache/huggingface/token"), "hf_official\n");
    assertThat(source(credentials())).endsWith("huggingface/token");

    credentials().store(Service.HUGGING_FACE, Secret.of("hf_own"));
    assertThat(source(credentials())).endsWith("hf-token");

    assertThat(source(credentials("HF_TOKEN", " hf_env\r\n"))).isEqualTo("HF_TOKEN");
    assertThat(source(credentials("HF_TOKEN", "  ", "HUGGING_FACE_HUB_TOKEN", "hf_old")))
        .isEqualTo("HUGGING_FACE_HUB_TOKEN");
  }

  private static String source(Credentials credentials) {
    return credentials.token(Service.HUGGING_FACE).orElseThrow().source();
  }

  @Test
  void removesOnlyWhatItStored() {
    Credentials credentials = credentials();
    credentials.store(Service.CIVITAI, Secret.of("key"));

    assertThat(credentials.remove(Service.CIVITAI)).isTrue();
    assertThat(credentials.remove(Service.CIVITAI)).isFalse();
    assertThat(credentials.token(Service.CIVITAI)).isEmpty();
  }

  @Test
  void namesTheVariableNotTheValueOfABrokenToken() {
    assertThatThrownBy(
            () -> credentials("CIVITAI_TOKEN", "abc\r\nX-Evil: 1").token(Service.CIVITAI))
        .hasMessageContaining("CIVITAI_TOKEN")
        .hasMessageNotContaining("Evil");
  }

  @Test
  void readsTheFoldersOfTheEnvironment() {
    HubSettings settings =
        HubSettings.from(
            Map.of("HF_HOME", "/big/hf", "XDG_CACHE_HOME", "/c", "HF_ENDPOINT", "https://m.lan/"),
            Path.of("/home/me"),
            notice -> {});

    assertThat(settings.huggingFaceCache()).isEqualTo(Path.of("/big/hf/hub"));
    assertThat(settings.huggingFaceToken()).isEqualTo(Path.of("/big/hf/token"));
    assertThat(settings.cache()).isEqualTo(Path.of("/c/athanor"));
    assertThat(settings.config()).isEqualTo(Path.of("/home/me/.config/athanor"));
    assertThat(settings.huggingFace()).hasToString("https://m.lan");
  }

  @Test
  void leavesTheModeOfAFolderThatTheUserHas() throws IOException {
    Path folder = Files.createDirectory(home.resolve("shared"));
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    Credentials credentials = credentials("ATHANOR_CONFIG", folder.toString());

    credentials.store(Service.HUGGING_FACE, Secret.of("hf_one"));

    assertThat(mode(folder)).isEqualTo("rwxr-xr-x");
    assertThat(mode(credentials.path(Service.HUGGING_FACE))).isEqualTo("rw-------");
  }

  @Test
  void doesNotStoreThroughALink() throws IOException {
    Path victim = Files.writeString(home.resolve("victim"), "precious");
    Credentials credentials = credentials();
    Path file = credentials.path(Service.CIVITAI);
    Files.createDirectories(file.getParent());
    Files.createSymbolicLink(file, victim);

    credentials.store(Service.CIVITAI, Secret.of("key"));

    assertThat(victim).hasContent("precious");
    assertThat(Files.isSymbolicLink(file)).isFalse();
    assertThat(mode(file)).isEqualTo("rw-------");
  }

  @Test
  void refusesAnEndpointThatHoldsAPasswordOrAKeyWithoutShowingIt() {
    for (String value :
        new String[] {
          "https://me:S3cret@hub.lan",
          "me:S3cret@hub.lan",
          "https://hub.lan/?token=S3cret",
          "https://hub.lan/#S3cret",
          "https://hub.lan:99999/S3cret"
        }) {
      assertThatThrownBy(() -> credentials("HF_ENDPOINT", value))
          .as(value)
          .isInstanceOf(AthanorException.class)
          .hasMessageContaining("environment variable HF_ENDPOINT")
          .hasMessageNotContaining("S3cret");
    }
  }
}
