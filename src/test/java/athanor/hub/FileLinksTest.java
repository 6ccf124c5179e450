package athanor.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import athanor.error.Kind;
import athanor.error.Problem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Links that come from recipes and metadata, whose author may be a stranger. */
class FileLinksTest extends HubFixture {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://127.0.0.1/a.safetensors",
        "https://localhost:8080/a.safetensors",
        "https://169.254.169.254/latest/meta-data/",
        "https://[::ffff:169.254.169.254]/latest/meta-data/",
        "https://[fd00:ec2::254]/latest/meta-data/",
        "https://10.0.0.1/a.safetensors",
        "https://2130706433/a.safetensors",
        "https://0x7f000001/a.safetensors",
        "https://nas/a.safetensors",
        "https://metadata.google.internal/computeMetadata/v1/",
        "http://models.invalid/a.safetensors",
        "http://hf-mirror.com/alice/style/resolve/main/a.safetensors",
        "http://hf-mirror.com/alice/style",
      })
  void leadToThePublicInternetOnly(String link) {
    Problem problem = failure(() -> hub().parse(link, LinkOrigin.FILE));

    assertThat(problem.kind()).isEqualTo(Kind.USAGE);
    assertThat(problem.what()).contains("comes from a file", "nothing was requested");
    assertThat(problem.help().orElseThrow()).contains("--allow-private");
  }

  @Test
  void leadNowhereBeforeTheyAreJudged() {
    String own = web.storage().address() + "/a.safetensors";

    failure(() -> hub().parse(own, LinkOrigin.FILE));

    assertThat(web.storage().log()).isEmpty();
    assertThatCode(() -> hub().parse(own, LinkOrigin.USER)).doesNotThrowAnyException();
    assertThatCode(() -> hub().parse(own)).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "hf:alice/pixel-style/style.safetensors",
        "https://huggingface.co/alice/pixel-style",
        "http://huggingface.co/alice/pixel-style",
        "civitai:1@2",
        "https://civitai.com/models/1",
        "https://hf-mirror.com/alice/style/resolve/main/a.safetensors",
        "https://models.invalid/a.safetensors",
      })
  void mayLeadToTheHubsAndThePublicInternet(String link) {
    assertThatCode(() -> hub().parse(link, LinkOrigin.FILE)).doesNotThrowAnyException();
  }

  @Test
  void mayLeadToTheEndpointThatTheUserConfigured() {
    String link = huggingFace.address() + "/alice/style/resolve/main/a.safetensors";

    assertThat(hub().parse(link, LinkOrigin.FILE)).isInstanceOf(Link.HubFile.class);
  }
}
