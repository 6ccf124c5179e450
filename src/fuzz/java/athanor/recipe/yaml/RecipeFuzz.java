package athanor.recipe.yaml;

import athanor.error.AthanorException;
import athanor.recipe.Provenance;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Any bytes are a recipe, a lock file or the recipe in a file's metadata, or are refused; a recipe
 * that is written again means the same.
 */
class RecipeFuzz {

  @MethodSource("seeds")
  @FuzzTest(maxDuration = "30s")
  void isARecipeOrRefused(byte[] bytes) {
    try {
      RecipeFile recipe = RecipeFile.parse(bytes, "recipe.yaml");
      RecipeFile again =
          RecipeFile.parse(recipe.toYaml().getBytes(StandardCharsets.UTF_8), "again.yaml");
      if (!again.equals(recipe)) {
        throw new AssertionError(recipe + " became " + again);
      }
    } catch (AthanorException e) {
      // Refused.
    }
    try {
      LockFile.parse(bytes, "recipe.lock.yaml").toYaml();
    } catch (AthanorException e) {
      // Refused.
    }
    Provenance.parse(new String(bytes, StandardCharsets.UTF_8));
  }

  static List<byte[]> seeds() {
    return Stream.of(
            """
            athanor: 1
            base: {link: "hf:ann/model/x.safetensors", sha256: %s}
            loras:
              - pixel.safetensors@0.6,te=0.3,lbw=OUTALL,only=attn1
              - {file: ink.safetensors, ratio: -1, lbw: [1, 0, 0.5, 1, 1, 1, 1, 1, 1, 1, 1, 1]}
            vae: kl.safetensors
            fix_positions: true
            prune_ema: true
            save_precision: bf16
            out: mine.safetensors
            push: {repo: ann/mix, visibility: public}
            """
                .formatted("0123456789abcdef".repeat(4)),
            "athanor: 1\nloras: [a.pt, b.pt@0.5]\nrank: 32\nconv_rank: 8\nformat: peft\n",
            "{\"athanor\":\"1.0\",\"base\":{\"name\":\"b.safetensors\",\"bytes\":5},\"loras\":"
                + "[{\"name\":\"l.safetensors\",\"ratio\":0.5,\"link\":\"civitai:1@2\"}]}")
        .map(text -> text.getBytes(StandardCharsets.UTF_8))
        .toList();
  }
}
