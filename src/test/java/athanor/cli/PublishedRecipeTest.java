package athanor.cli;

import static org.assertj.core.api.Assertions.assertThat;

import athanor.testkit.CommandLineRun;
import athanor.testkit.TensorFile;
import athanor.testkit.web.FakeHuggingFace;
import athanor.testkit.web.Repo;
import athanor.testkit.web.Tokens;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A recipe that says where its result is published, and the way back from what was published. */
class PublishedRecipeTest extends LinkFixture {
  private Path recipe = Path.of("");

  @BeforeEach
  void recipeOfLinks() throws IOException {
    Path base = write(base(), "base");
    Path ink = write(lora(TO_K), "ink");
    recipe =
        Files.writeString(
            home.resolve("mix.yaml"),
            """
            athanor: 1
            base: %s
            loras: ["%s@0.5"]
            out: mix.safetensors
            push: {repo: alice/mix, visibility: public}
            """
                .formatted(publish("bob/base", base), publish("bob/ink", ink)));
    Files.delete(base);
    Files.delete(ink);
  }

  private Optional<Repo> published() {
    return web.huggingFace().find("alice/mix");
  }

  @Test
  void whatARecipePublishedCanBeFetchedAndRebuilt() throws IOException {
    set("HF_TOKEN", Tokens.WRITE.secret());
    CommandLineRun run = run("run", recipe.toString(), "--push");
    assertThat(run.code()).as(run.err()).isZero();
    Repo repo = published().orElseThrow();
    assertThat(repo.visibility()).isEqualTo(FakeHuggingFace.Visibility.PUBLIC);
    assertThat(repo.files()).containsKey("mix.safetensors");

    Path elsewhere = home.resolve("elsewhere");
    CommandLineRun got = run("get", "hf:alice/mix/mix.safetensors", "--to", elsewhere.toString());
    assertThat(got.code()).as(got.err()).isZero();
    CommandLineRun rebuilt = run("rebuild", elsewhere.resolve("mix.safetensors").toString());
    assertThat(rebuilt.code()).as(rebuilt.err()).isZero();
    assertThat(rebuilt.out()).contains("every byte of its");
    assertThat(TensorFile.allBytes(elsewhere.resolve("mix.safetensors")))
        .containsExactlyInAnyOrderEntriesOf(TensorFile.allBytes(home.resolve("mix.safetensors")));
  }

  @Test
  void aTokenThatMayOnlyReadStopsItBeforeTheMerge() {
    set("HF_TOKEN", FakeHuggingFace.TOKEN);
    CommandLineRun run = run("run", recipe.toString(), "--push");
    assertThat(run.code()).isEqualTo(5);
    assertThat(home.resolve("mix.safetensors")).doesNotExist();
    assertThat(home.resolve("mix.lock.yaml")).doesNotExist();
    assertThat(published()).isEmpty();
  }

  @Test
  void noPushLeavesItHere() {
    CommandLineRun run = run("run", recipe.toString(), "--no-push");
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(home.resolve("mix.safetensors")).exists();
    assertThat(published()).isEmpty();
  }

  @Test
  void isNotPublishedBecauseARecipeSaysSo() {
    set("HF_TOKEN", Tokens.WRITE.secret());

    CommandLineRun run = run("run", recipe.toString());

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("push: alice/mix (public)", "--push", "--no-push");
    assertThat(requests()).isZero();
    assertThat(home.resolve("mix.safetensors")).doesNotExist();
  }

  @ParameterizedTest
  @CsvSource({"y, true", "YES, true", "n, false", "'', false", "yes please, false"})
  void asksAtATerminal(String answer, boolean pushed) {
    set("HF_TOKEN", Tokens.WRITE.secret());
    typed = answer + "\n";
    interactive = true;

    CommandLineRun run = run("run", recipe.toString());

    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.err()).contains("alice/mix (public). Publish it? [y/N]");
    assertThat(home.resolve("mix.safetensors")).exists();
    assertThat(published().isPresent()).isEqualTo(pushed);
  }

  @Test
  void pushAndNoPushContradictEachOther() {
    CommandLineRun run = run("run", recipe.toString(), "--push", "--no-push");
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("contradict");
  }
}
