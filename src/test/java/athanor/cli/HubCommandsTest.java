package athanor.cli;

import static org.assertj.core.api.Assertions.assertThat;

import athanor.testkit.CommandLineRun;
import athanor.testkit.web.FakeCivitai;
import athanor.testkit.web.FakeHuggingFace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code get}, {@code inspect LINK}, {@code auth} and {@code cache}. */
class HubCommandsTest extends LinkFixture {
  private Path folder() {
    return home.resolve("models");
  }

  private CommandLineRun get(String... links) {
    return run(
        Stream.of(Stream.of("get"), Stream.of(links), Stream.of("--to", folder().toString()))
            .flatMap(part -> part)
            .toArray(String[]::new));
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(folder())) {
      return files.map(file -> String.valueOf(file.getFileName())).sorted().toList();
    }
  }

  @Test
  void downloadsAndSaysWhatItCompared() throws IOException {
    Path file = write(lora(TO_Q), "pixel");
    String link = publish("alice/pixel", file);
    CommandLineRun run = get(link);
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out().strip()).isEqualTo(folder().resolve("pixel.safetensors").toString());
    assertThat(run.err())
        .contains("downloaded", "hash verified", blob(file).sha256(), "from " + link);
    assertThat(folder().resolve("pixel.safetensors")).hasSameBinaryContentAs(file);
  }

  @Test
  void givesDistinctNamesAndReplacesNothing() throws IOException {
    Path one = write(lora(TO_Q), "style");
    String first = publish("alice/one", one);
    Path two = write(lora(TO_K), "style");
    String second = publish("bob/two", two);
    Files.createDirectories(folder());
    Files.writeString(folder().resolve("style.safetensors"), "mine");

    CommandLineRun run = get(first, second);

    assertThat(run.code()).as(run.err()).isZero();
    assertThat(folder().resolve("style.safetensors")).hasContent("mine");
    assertThat(names()).hasSize(3);
    assertThat(get(first, second).err()).contains("already there").doesNotContain("downloaded");
    assertThat(names()).hasSize(3);
  }

  @Test
  void saysWhatToPasteInsteadOfAGallery() {
    CommandLineRun run = get("https://civitai.com/images/123");
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("help: ", "civitai.com/models/");
    assertThat(requests()).isZero();
  }

  @Test
  void listsTheFilesOfAnAmbiguousRepository() {
    var repo = web.huggingFace().repo("alice/many", FakeHuggingFace.Visibility.PUBLIC);
    web.huggingFace().file(repo, "a.safetensors", blob(write(lora(TO_Q), "a")));
    web.huggingFace().file(repo, "b.safetensors", blob(write(lora(TO_K), "b")));
    CommandLineRun run = get("hf:alice/many");
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("hf:alice/many/a.safetensors", "hf:alice/many/b.safetensors");
  }

  @Test
  void inspectsALinkByItsHeader() {
    String link = publish("alice/pixel", write(lora(TO_Q), "pixel"));
    CommandLineRun run = run("inspect", link);
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out()).contains("LoRA for SD", "rank: 16", "listed SHA-256", link);
    assertThat(largestRequest()).isLessThanOrEqualTo(512 << 10);
  }

  @Test
  void inspectsWhatNeedsATokenByItsListing() {
    web.civitai()
        .version(12, 345, FakeCivitai.Rule.KEY, civitaiFile(7, write(lora(TO_Q), "pixel")));
    CommandLineRun run = run("inspect", "civitai:12");
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out())
        .contains("LORA for SDXL 1.0, as its listing declares", "trigger words: pixel art")
        .contains("athanor auth login civitai");
  }

  @Test
  void storesATokenFromStandardInputForItsOwnerAlone() throws IOException {
    typed = FakeHuggingFace.TOKEN + "\n";
    CommandLineRun login = run("auth", "login", "hf");
    assertThat(login.code()).as(login.err()).isZero();
    assertThat(login.out()).contains("alice", "laptop", "may read, not publish", "acme");
    Path stored = home.resolve("config/hf-token");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(stored)))
        .isEqualTo("rw-------");

    CommandLineRun whoami = run("auth", "whoami");
    assertThat(whoami.code()).isZero();
    assertThat(whoami.out()).contains("Hugging Face: alice", "Civitai: no token");

    CommandLineRun logout = run("auth", "logout", "hf");
    assertThat(logout.out()).contains("removed");
    assertThat(stored).doesNotExist();
    assertThat(run("auth", "whoami", "hf").code()).isEqualTo(5);
  }

  @Test
  void storesNoTokenThatItsServiceRefuses() {
    typed = "hf_wrongWrongWrong\n";
    CommandLineRun run = run("auth", "login", "hf");
    assertThat(run.code()).isEqualTo(5);
    assertThat(run.err()).contains("token").doesNotContain("hf_wrong");
    assertThat(home.resolve("config/hf-token")).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"TOKEN", "TOKEN\r\n", "  TOKEN \n", "TOKEN\nsecond line\n", "\tTOKEN\t\n"})
  void takesATokenAsItWasPasted(String pasted) throws IOException {
    typed = pasted.replace("TOKEN", FakeHuggingFace.TOKEN);
    assertThat(run("auth", "login", "hf").code()).isZero();
    assertThat(Files.readString(home.resolve("config/hf-token")).strip())
        .isEqualTo(FakeHuggingFace.TOKEN);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\n", "   \n"})
  void asksAgainForATokenThatIsEmpty(String empty) {
    typed = empty;
    CommandLineRun run = run("auth", "login", "hf");
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("no token was given", "help: make one at https://");
    assertThat(requests()).isZero();
  }

  @Test
  void refusesATokenWithSomethingInside() {
    typed = FakeHuggingFace.TOKEN.substring(0, 9) + "\u0007" + FakeHuggingFace.TOKEN.substring(9);
    CommandLineRun run = run("auth", "login", "hf");
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).doesNotContain(FakeHuggingFace.TOKEN.substring(9));
    assertThat(requests()).isZero();
  }

  @Test
  void asksForAServiceAndNeverTakesATokenAsArgument() {
    CommandLineRun token = run("auth", "login", "token-typed-in-the-wrong-place");
    assertThat(token.code()).isEqualTo(2);
    CommandLineRun second = run("auth", "login", "hf", "hf_secret");
    assertThat(second.code()).isEqualTo(2);
    assertThat(token.err() + second.err())
        .doesNotContain("token-typed-in-the-wrong-place", "hf_secret");
    assertThat(run("auth", "login", "hf").err()).contains("no token was given", "help: ");
    assertThat(run("auth").code()).isEqualTo(2);
  }

  @Test
  void usesAKeyInALinkAndShowsItNowhere() throws IOException {
    Path ink = write(lora(TO_Q), "ink");
    web.civitai().version(12, 345, FakeCivitai.Rule.KEY, civitaiFile(7, ink));
    String base = publish("alice/base", write(base(), "base"));
    String link = web.civitai().address() + "/api/download/models/345?token=" + FakeCivitai.TOKEN;

    assertThat(get(link).code()).isZero();
    assertThat(run("inspect", "--json", link).code()).isZero();
    assertThat(run("check", "-v", "--base", base, link + "@0.5").code()).isZero();
    CommandLineRun merge = merge("--json", "--base", base, link + "@0.5");
    assertThat(merge.code()).as(merge.err()).isZero();
    assertThat(run("get", "htp" + link.substring(4)).code()).isEqualTo(2);
    assertThat(get(link.replace("/345", "/346")).code()).isEqualTo(5);
    assertThat(run("inspect", link.replace("/345", "/346")).code()).isEqualTo(5);
    assertThat(merge("--base", base, link + "@0,5").code()).isEqualTo(2);
    assertThat(web.civitai().log()).noneMatch(seen -> seen.target().contains(FakeCivitai.TOKEN));
  }

  @Test
  void warnsWhenAVariableHidesTheStoredToken() {
    typed = FakeCivitai.TOKEN;
    set("CIVITAI_TOKEN", "another");
    CommandLineRun run = run("auth", "login", "civitai");
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.err()).contains("CIVITAI_TOKEN is set and comes before");
    assertThat(run("auth", "logout", "civitai").err()).contains("CIVITAI_TOKEN");
  }

  @Test
  void listsVerifiesAndRemovesCachedFiles() throws IOException {
    Path file = write(lora(TO_Q), "pixel");
    String pixel = publish("alice/pixel", file);
    String base = publish("alice/base", write(base(), "base"));
    assertThat(merge("--base", base, pixel).code()).isZero();
    String hash = blob(file).sha256();

    assertThat(run("cache", "ls").out()).contains("pixel.safetensors", hash.substring(0, 12));
    assertThat(run("cache", "verify").out()).contains("pixel.safetensors: sound");
    Path cached = home.resolve("cache/files").resolve(hash).resolve("pixel.safetensors");
    var time = Files.getLastModifiedTime(cached);
    byte[] bytes = Files.readAllBytes(cached);
    bytes[bytes.length - 1] ^= 1;
    Files.write(cached, bytes);
    Files.setLastModifiedTime(cached, time);
    CommandLineRun damaged = run("cache", "verify", "pixel.safetensors");
    assertThat(damaged.code()).isEqualTo(7);
    assertThat(damaged.out()).contains("damaged, removed");
    assertThat(cached).doesNotExist();

    assertThat(run("cache", "rm", "nonsense").code()).isEqualTo(2);
    assertThat(run("cache", "rm").code()).isEqualTo(2);
    assertThat(run("cache", "rm", "base.safetensors").out()).contains("are free again");
    assertThat(run("cache", "ls").out()).doesNotContain("base.safetensors");
    assertThat(run("cache", "rm", "--all").code()).isZero();
  }
}
