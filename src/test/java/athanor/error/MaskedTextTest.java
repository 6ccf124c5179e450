package athanor.error;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MaskedTextTest {
  private static final String TOKEN = "hf_QwErTyUiOpAsDfGhJkLzXcVbNm12345678";
  private static final String KEY = "0123456789abcdef0123456789abcdef";

  @ParameterizedTest
  @ValueSource(
      strings = {
        "@",
        "the token @ is wrong",
        "Unknown option: '--token=@'",
        "\"@\"",
        "@, @",
        "(@)",
        "https://huggingface.co/a/b/resolve/main/f.bin?token=@",
        "https://user:@@huggingface.co/a/b",
        "Authorization: Bearer @",
        "{\"token\":\"@\"}",
        "HF_TOKEN=@",
        "https://a.invalid/@/x",
      })
  void masksATokenInEveryPosition(String message) {
    String text =
        message.replace("@@", TOKEN + "\u0000").replace("@", TOKEN).replace('\u0000', '@');

    assertThat(MaskedText.of(text)).doesNotContain(TOKEN).contains(MaskedText.MASK);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--token=S3cret",
        "--token S3cret",
        "Unknown options: '--token', 'S3cret'",
        "'--civitai-api-key=S3cret'",
        "http://user:S3cret@proxy.lan:3128",
        "http://user:S3c@S3cret@proxy.lan:3128",
        "https://civitai.com/api/download/models/1?type=Model&token=S3cret",
        "https://s3.invalid/x?X-Amz-Signature=S3cret&X-Amz-Expires=60",
        "https://cdn.invalid/x?Policy=S3cret&Key-Pair-Id=S3cret&Expires=S3cret",
        "https://b.invalid/file?Authorization=S3cret",
        "https://blob.invalid/f?sv=1&sig=S3cret&se=S3cret",
        "Authorization: Basic S3cret",
        "authorization=S3cret",
        "Bearer S3cret-S3cret",
        "Basic S3cretS3cret==",
        "CIVITAI_API_KEY=S3cretS3cret",
        "{\"api_key\": \"S3cretS3cret\"}",
        "#access_token=S3cret",
      })
  void masksWhatItsSurroundingsCallASecret(String text) {
    assertThat(MaskedText.of(text)).doesNotContain("S3cret").contains(MaskedText.MASK);
  }

  @Test
  void masksTokensOfOtherServicesByTheirForm() {
    for (String token :
        List.of(
            "api_org_QwErTyUiOpAsDfGhJkLzXcVb",
            "hf_oauth_QwErTyUiOpAsDfGhJkLzXcVb",
            "ghp_QwErTyUiOpAsDfGhJkLzXcVbNm1234567890",
            "AKIAIOSFODNN7EXAMPLE",
            "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl")) {
      assertThat(MaskedText.of("got " + token + " back")).isEqualTo("got [secret] back");
    }
  }

  @Test
  void masksABareKeyInMessagesAndNotInData() {
    assertThat(MaskedText.ofMessage("found '" + KEY + "'")).isEqualTo("found '[secret]'");
    assertThat(MaskedText.of("\"md5\":\"" + KEY + "\"")).contains(KEY);
    assertThat(MaskedText.ofMessage("/x/" + KEY + ".safetensors")).contains(KEY);
    assertThat(MaskedText.ofMessage("SHA-256 " + KEY + KEY)).contains(KEY + KEY);
  }

  @Test
  void masksWhatItWasToldTheLongestFirst() {
    MaskedText.neverShow("correct-horse");
    MaskedText.neverShow("correct-horse-battery");

    assertThat(MaskedText.of("a correct-horse-battery, a correct-horse"))
        .isEqualTo("a [secret], a [secret]");
  }

  @Test
  void findsNoSecretInAWordThatIsTooShortToBeOne() {
    MaskedText.neverShow("merge");

    assertThat(MaskedText.of("merge these")).isEqualTo("merge these");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "lora_unet_down_blocks_0_attentions_0.lora_down.weight",
        "the token from HF_TOKEN may only read",
        "keys: 12 of 264 found no target",
        "https://civitai.com/models/1?modelVersionId=2&type=Model&format=SafeTensor",
        "hf:alice/pixel-style/style.safetensors@main",
        "style.safetensors@0.8,te=0.5",
        "https://h.invalid/a.safetensors@0.8",
        "set https_proxy=http://USER:PASSWORD@HOST:PORT, special characters escaped (@ is %40)",
        "basic transformer_blocks.0.attn1 and bearer of news",
        "--keep_tokens 1 --caption_extension .txt",
        "hf_style_v2.safetensors",
        "a token of the type \"write\"",
        "publish with --public",
        "the token: hf_",
        "modelspec.hash_sha256=0x0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
      })
  void leavesOrdinaryTextAlone(String text) {
    assertThat(MaskedText.ofMessage(text)).isEqualTo(text);
  }

  @Test
  void masksTwiceAsOnce() {
    String once = MaskedText.ofMessage("?token=abc --token abc http://u:p@h/ Bearer abc12345678");

    assertThat(once).contains(MaskedText.MASK);
    assertThat(MaskedText.ofMessage(once)).isEqualTo(once);
  }

  @Test
  void everyPartOfAProblemIsMasked() {
    Problem problem =
        Problem.usage("what " + TOKEN)
            .at("where " + TOKEN)
            .found("found " + TOKEN)
            .expected("expected " + TOKEN)
            .help("help " + TOKEN + "\nhelp " + TOKEN);

    assertThat(problem + problem.toException().getMessage()).doesNotContain(TOKEN);
  }

  @Test
  void aFailureIsShownWithItsCausesAndWithoutSecrets() {
    var failure =
        new IllegalStateException("outer " + TOKEN, new RuntimeException("inner " + TOKEN));

    assertThat(MaskedText.ofFailure(failure))
        .contains("IllegalStateException: outer [secret]", "RuntimeException: inner [secret]")
        .doesNotContain(TOKEN);
  }

  @Test
  void cutsALongTextOnlyBehindTheMask() {
    String text = "x".repeat(29) + " " + TOKEN;

    assertThat(PrintableText.of(text, 40)).isEqualTo("x".repeat(29) + " [secret]");
  }

  @Test
  void isQuickWithTextsThatWouldKeepItBusy() {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    for (String piece :
        List.of(
            "-", "a", "://", "--token", "bearer ", "?a", "token=", "hf_", "eyJ", "basic A", "=")) {
      long start = threads.getCurrentThreadCpuTime();
      MaskedText.ofMessage(piece.repeat(200_000 / piece.length()));
      assertThat(Duration.ofNanos(threads.getCurrentThreadCpuTime() - start))
          .as(piece)
          .isLessThan(Duration.ofSeconds(2));
    }
  }
}
