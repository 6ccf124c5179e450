package athanor.cli;

import static org.assertj.core.api.Assertions.assertThat;

import athanor.cli.terminal.UserSession;
import athanor.tensor.DType;
import athanor.testkit.CommandLineRun;
import athanor.testkit.Gen;
import athanor.testkit.Sample;
import athanor.testkit.TensorFile;
import athanor.testkit.web.Blob;
import athanor.testkit.web.FakeCivitai;
import athanor.testkit.web.FakeHuggingFace;
import athanor.testkit.web.FakeWeb;
import athanor.testkit.web.Seen;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/**
 * The command line against the fake hubs. After each test: no output of any command, and no file
 * outside of the tokens' folder, holds a token; none reached the storage.
 */
abstract class LinkFixture {
  static final String TO_Q = "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_q";
  static final String TO_K = "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_k";
  private static final Pattern RANGE = Pattern.compile("bytes=(\\d+)-(\\d+)");

  @TempDir Path home;
  final FakeWeb web = new FakeWeb();
  final Gen gen = Gen.fixed(17);
  private final Map<String, String> variables = new HashMap<>();
  private final List<String> said = new ArrayList<>();
  String typed = "";
  boolean interactive = false;

  @BeforeEach
  void noTokens() {
    variables.putAll(web.environment(home));
  }

  @AfterEach
  void noTokenWasShown() throws IOException {
    web.close();
    for (String token : List.of(FakeHuggingFace.TOKEN, FakeCivitai.TOKEN)) {
      assertThat(said).noneMatch(text -> text.contains(token));
      assertThat(web.storage().log())
          .noneMatch(seen -> (seen.target() + seen.head()).contains(token));
    }
    assertThat(said).noneMatch(text -> text.contains("X-Amz"));
    try (Stream<Path> tree = Files.walk(home)) {
      for (Path file : tree.filter(Files::isRegularFile).toList()) {
        if (!file.startsWith(home.resolve("config"))) {
          assertThat(Files.readString(file, StandardCharsets.ISO_8859_1))
              .as(file.toString())
              .doesNotContain(FakeHuggingFace.TOKEN, FakeCivitai.TOKEN, "X-Amz-Signature");
        }
      }
    }
  }

  void set(String variable, String value) {
    variables.put(variable, value);
  }

  CommandLineRun run(String... args) {
    var in = new ByteArrayInputStream(typed.getBytes(StandardCharsets.UTF_8));
    var user = new UserSession(Map.copyOf(variables), home, in, interactive);
    CommandLineRun run = CommandLineRun.of((out, err) -> new Main(out, err, user).run(args));
    said.add(run.out());
    said.add(run.err());
    assertThat(run.err()).doesNotContain("\tat ");
    return run;
  }

  CommandLineRun merge(String... args) {
    return run(
        Stream.of(Stream.of("merge"), Stream.of(args), Stream.of("--out", out().toString()))
            .flatMap(part -> part)
            .toArray(String[]::new));
  }

  Path out() {
    return home.resolve("out.safetensors");
  }

  /** A file of this computer, of which a blob can be made. */
  Path write(TensorFile file, String name) {
    return file.write(home.resolve(name + ".safetensors"));
  }

  TensorFile base() {
    return new TensorFile().random(Sample.sd1(DType.F16), 0.05, gen);
  }

  TensorFile lora(String module) {
    return Sample.pair(new TensorFile(), module, 320, 16, 320, DType.F16, gen);
  }

  /** A LoRA that only fits SDXL. */
  TensorFile sdxlLora() {
    return Sample.pair(
        new TensorFile().metadata("ss_base_model_version", "sdxl_base_v1-0"),
        "lora_unet_input_blocks_4_1_transformer_blocks_0_attn2_to_k",
        640,
        16,
        2048,
        DType.F16,
        gen);
  }

  static Blob blob(Path file) {
    try {
      return Blob.of(Files.readAllBytes(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Puts a file into a public repository; returns its link. */
  String publish(String repo, Path file) {
    return publish(repo, FakeHuggingFace.Visibility.PUBLIC, file);
  }

  String publish(String repo, FakeHuggingFace.Visibility visibility, Path file) {
    return publish(repo, visibility, String.valueOf(file.getFileName()), blob(file));
  }

  String publish(String repo, String name, Blob blob) {
    return publish(repo, FakeHuggingFace.Visibility.PUBLIC, name, blob);
  }

  private String publish(
      String repo, FakeHuggingFace.Visibility visibility, String name, Blob blob) {
    web.huggingFace().file(web.huggingFace().repo(repo, visibility), name, blob);
    return "hf:" + repo + "/" + name;
  }

  FakeCivitai.File civitaiFile(long id, Path file) {
    return new FakeCivitai.File(
        id, String.valueOf(file.getFileName()), "Model", "SafeTensor", "fp16", true, blob(file));
  }

  /** Most bytes that one request asked the storage for; a request without end counts as endless. */
  long largestRequest() {
    return web.storage().log().stream().mapToLong(LinkFixture::asked).max().orElse(0);
  }

  private static long asked(Seen seen) {
    var range = RANGE.matcher(seen.head());
    return range.find()
        ? Long.parseLong(range.group(2)) - Long.parseLong(range.group(1)) + 1
        : Long.MAX_VALUE;
  }

  int requests() {
    return web.storage().log().size() + web.huggingFace().log().size() + web.civitai().log().size();
  }
}
