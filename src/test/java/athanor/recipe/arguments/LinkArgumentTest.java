package athanor.recipe.arguments;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Where a link ends and its ratio begins. */
class LinkArgumentTest {

  @ParameterizedTest
  @CsvSource({
    "hf:user/repo/file.safetensors@0.6, hf:user/repo/file.safetensors, 0.6",
    "hf:user/repo/file.safetensors@main@0.6, hf:user/repo/file.safetensors@main, 0.6",
    "hf:user/repo/file.safetensors@v1.5@-1, hf:user/repo/file.safetensors@v1.5, -1",
    "hf:user/repo/file.safetensors@2@1, hf:user/repo/file.safetensors@2, 1",
    "hf:user/repo@.5, hf:user/repo, .5",
    "hf:user/repo@v2@+0.5, hf:user/repo@v2, +0.5",
    "civitai:12@345@0.6, civitai:12@345, 0.6",
    "civitai:12@0.6, civitai:12, 0.6",
    "civitai:12@-1, civitai:12, -1",
    "urn:air:sd1:lora:civitai:12@345@0.6, urn:air:sd1:lora:civitai:12@345, 0.6",
    "urn:air:sd1:lora:civitai:12@345+7.safetensors@1,"
        + " urn:air:sd1:lora:civitai:12@345+7.safetensors, 1",
    "sdxl:lora:civitai:12@345@2, sdxl:lora:civitai:12@345, 2",
    "https://civitai.com/models/12?modelVersionId=345@0.6,"
        + " https://civitai.com/models/12?modelVersionId=345, 0.6",
    "civitai.com/models/12@0.6, civitai.com/models/12, 0.6",
    "https://me:pw@host/a.safetensors@0.25, https://me:pw@host/a.safetensors, 0.25",
  })
  void takesTheRatioOff(String text, String link, String ratio) {
    assertThat(LinkArgument.of(text)).contains(new LinkArgument(link, Optional.of(ratio), ""));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "hf:user/repo/file.safetensors",
        "hf:user/repo/file.safetensors@main",
        "hf:user/repo/file.safetensors@v1.5",
        "hf:user/repo/file.safetensors@0123456789012345678901234567890123456789",
        "hf:user/repo/file.safetensors@81ec6e5",
        "civitai:12@345",
        "urn:air:sd1:lora:civitai:12@345",
        "urn:air:sd1:lora:civitai:12@345+7.safetensors",
        "https://me:pw@host/a.safetensors",
        "https://me@10.0.0.1/a.safetensors",
        "https://host/me@2.safetensors",
      })
  void leavesWhatBelongsToTheLink(String text) {
    assertThat(LinkArgument.of(text)).contains(new LinkArgument(text, Optional.empty(), ""));
  }

  @Test
  void leavesTheWeightsOfTheParts() {
    assertThat(LinkArgument.of("hf:u/r/f.safetensors@v2@0.6,te=0.3,only=attn1,attn2"))
        .contains(
            new LinkArgument(
                "hf:u/r/f.safetensors@v2", Optional.of("0.6"), ",te=0.3,only=attn1,attn2"));
    assertThat(LinkArgument.of("hf:u/r/f.safetensors@0.6,tee=0.3"))
        .as("a misspelt weight is no part of the link")
        .contains(new LinkArgument("hf:u/r/f.safetensors", Optional.of("0.6"), ",tee=0.3"));
    assertThat(LinkArgument.of("civitai:12@345,lbw=OUTALL"))
        .contains(new LinkArgument("civitai:12@345", Optional.empty(), ",lbw=OUTALL"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"pixel.safetensors@0.6", "./hf/x@main", "C:\\x.safetensors@1", "a@b"})
  void takesPathsForPaths(String text) {
    assertThat(LinkArgument.of(text)).isEmpty();
  }
}
