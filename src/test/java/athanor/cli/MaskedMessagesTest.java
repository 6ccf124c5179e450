package athanor.cli;

import static org.assertj.core.api.Assertions.assertThat;

import athanor.testkit.CommandLineRun;
import athanor.testkit.web.FakeServer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A token typed into the wrong place, or sent back by a server, is not shown. */
class MaskedMessagesTest extends LinkFixture {
  private static final String TOKEN = "hf_Wr0ngPlaceWr0ngPlaceWr0ngPlace12";

  private final FakeServer server = new FakeServer();

  @AfterEach
  void stop() {
    server.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "auth login hf --token=@",
        "auth login hf --token @",
        "auth login hf @",
        "auth login @",
        "auth whoami @",
        "auth whoami --api-key=@",
        "push x.safetensors alice/merged --token=@",
        "push x.safetensors alice/merged --token @",
        "push --hf-token=@",
        "push @ @",
        "get @",
        "get https://huggingface.co/alice/a/resolve/main/x.bin?token=@ --nonsense",
        "get https://me:@@h.invalid:99999/x.safetensors",
        "get hf:@",
        "merge --base @ @",
        "merge --civitai-token=@",
        "inspect @",
        "run @",
        "cache rm @",
        "@",
        "--token=@",
      })
  void aTokenInTheWrongPlaceIsNotShown(String line) {
    for (String json : List.of("", " --json")) {
      List<String> args = new ArrayList<>();
      for (String arg : (line + json).split(" ")) {
        args.add(arg.replaceFirst("@", TOKEN));
      }

      CommandLineRun run = run(args.toArray(String[]::new));

      assertThat(run.code()).as(line).isNotZero();
      assertThat(run.err() + run.out()).as(line).doesNotContain(TOKEN).isNotBlank();
    }
  }

  @Test
  void aSecretOfNoKnownFormBehindAnOptionIsNotShown() {
    assertThat(run("push", "a", "b", "--token=S3cret").err())
        .contains("[secret]")
        .doesNotContain("S3cret");
    assertThat(run("push", "a", "b", "--token", "S3cret-S3cret").err()).doesNotContain("S3cret");
    assertThat(run("get", "--civitai-api-key", "S3cret-S3cret").err()).doesNotContain("S3cret");
  }

  private void answering(String type, String body) {
    server.handle(
        "/",
        (exchange, sent) -> {
          exchange.getResponseHeaders().set("X-Error-Code", "Code-" + TOKEN);
          exchange.getResponseHeaders().set("X-Request-Id", TOKEN);
          FakeServer.send(exchange, 418, type, body.getBytes(StandardCharsets.UTF_8));
        });
    set("HF_ENDPOINT", server.address().toString());
    set("HF_TOKEN", TOKEN);
  }

  @Test
  void aServerThatSendsATokenBackIsNotQuotedWithIt() {
    answering("application/json", "{\"error\":\"bad " + TOKEN + "\"}");

    for (String mode : List.of("-v", "--json")) {
      CommandLineRun run = run("auth", "whoami", "hf", mode);

      assertThat(run.err()).doesNotContain(TOKEN).contains("HTTP 418 Code-[secret], bad [secret]");
    }
  }

  @Test
  void theTitleOfAPageIsNotQuotedWithAToken() {
    answering("text/html", "<html><title>Hello " + TOKEN + "</title></html>");

    assertThat(run("auth", "whoami", "hf").err()).doesNotContain(TOKEN).contains("Hello [secret]");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http_proxy=user:S3cretS3cret://h",
        "https_proxy=http://user:S3cretS3cret@h:99999",
        "https_proxy=socks5://user:S3cretS3cret@h:1",
        "HF_ENDPOINT=https://user:S3cretS3cret@h",
        "HF_ENDPOINT=https://h/?token=S3cretS3cret",
        "CIVITAI_ENDPOINT=user:S3cretS3cret@h",
      })
  void aVariableThatHoldsAPasswordIsNotShown(String setting) {
    String[] parts = setting.split("=", 2);
    set(parts[0], parts[1]);

    CommandLineRun run = run("auth", "whoami", "hf");

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains(parts[0]).doesNotContain("S3cret");
  }
}
