package athanor.cli;

import static org.assertj.core.api.Assertions.assertThat;

import athanor.cli.terminal.UserSession;
import athanor.testkit.CommandLineRun;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DoctorTest {
  @TempDir Path home;

  private CommandLineRun run(String... args) {
    Map<String, String> variables =
        Map.of(
            "HF_TOKEN", "hf_secretsecret",
            "https_proxy", "http://alice:geheim@127.0.0.1:9",
            "HF_HUB_OFFLINE", "1");
    var user = new UserSession(variables, home, InputStream.nullInputStream(), false);
    return CommandLineRun.of((out, err) -> new Main(out, err, user).run(args));
  }

  @Test
  void saysWhatThisComputerIsLikeWithoutASecret() throws IOException {
    CommandLineRun run = run("doctor");
    assertThat(run.code()).isZero();
    assertThat(run.out())
        .containsPattern("Java +25")
        .containsPattern("system +" + System.getProperty("os.name"))
        .containsPattern("[\\d.]+ [MG]B free")
        .containsPattern("[\\d.]+ [kMG]B/s written durably")
        .containsPattern("proxy +set by https_proxy")
        .containsPattern("offline +set by HF_HUB_OFFLINE")
        .containsPattern("token +Hugging Face: from HF_TOKEN")
        .containsPattern("token +Civitai: none");
    assertThat(run.out() + run.err()).doesNotContain("secretsecret", "geheim", "alice");
    try (Stream<Path> files = Files.list(Path.of(""))) {
      assertThat(files).noneMatch(file -> file.toString().contains("athanor-doctor"));
    }
  }

  @Test
  void saysTheSameInJson() {
    CommandLineRun run = run("doctor", "--json");
    assertThat(run.out().lines()).hasSize(1);
    assertThat(run.out())
        .startsWith("{\"result\":\"system\",\"program\":")
        .contains("\"proxies\":[\"https_proxy\"]", "\"write_bytes_per_second\":")
        .doesNotContain("secretsecret", "geheim");
  }
}
