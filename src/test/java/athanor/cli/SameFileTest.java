package athanor.cli;

import static org.assertj.core.api.Assertions.assertThat;

import athanor.safetensors.SafetensorsFile;
import athanor.testkit.CommandLineRun;
import athanor.testkit.TensorFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The same command on the same inputs writes the same file: at any time, with any threads. */
class SameFileTest extends LinkFixture {
  private static final String DATE = "modelspec.date";

  private String base;
  private String tuned;
  private String pixel;
  private String ink;

  private void inputs() {
    base = write(base(), "base").toString();
    pixel = write(lora(TO_Q), "pixel").toString();
    ink = write(lora(TO_K).metadata(DATE, "2024-05-06T07:08:09"), "ink").toString();
    assertThat(run("merge", "--base", base, pixel, "--out", file("tuned")).code()).isZero();
    tuned = file("tuned");
  }

  private String file(String name) {
    return home.resolve(name + ".safetensors").toString();
  }

  /** Every kind of command that writes a file, by the name of that file. */
  private Map<String, List<String>> commands() {
    Map<String, List<String>> commands = new HashMap<>();
    commands.put("merged.safetensors", List.of("merge", "--base", base, pixel + "@0.6", ink));
    commands.put("merged.ckpt", List.of("merge", "--base", base, pixel, ink + "@0.4"));
    commands.put("both.safetensors", List.of("merge", pixel + "@0.6", ink + "@0.4"));
    commands.put("less.safetensors", List.of("merge", pixel, ink, "--rank", "3"));
    commands.put("kohya.safetensors", List.of("merge", pixel, ink, "--method", "kohya"));
    commands.put(
        "extracted.safetensors",
        List.of("extract", "--base", base, "--tuned", tuned, "--rank", "4"));
    commands.put(
        "extracted.ckpt", List.of("extract", "--base", base, "--tuned", tuned, "--rank", "2"));
    commands.put("resized.safetensors", List.of("resize", pixel, "--rank", "2"));
    commands.put("half.safetensors", List.of("convert", base, "--save_precision", "bf16"));
    commands.put("half.ckpt", List.of("convert", base, "--save_precision", "bf16"));
    commands.put("peft.safetensors", List.of("convert", ink, "--format", "peft"));
    return commands;
  }

  private Map<String, String> hashes(String folder, String threads) throws Exception {
    Files.createDirectory(home.resolve(folder));
    Map<String, String> hashes = new HashMap<>();
    for (Map.Entry<String, List<String>> command : commands().entrySet()) {
      Path out = home.resolve(folder).resolve(command.getKey());
      List<String> words = new ArrayList<>(command.getValue());
      words.addAll(List.of("--out", out.toString(), "--threads", threads));
      CommandLineRun run = run(words.toArray(String[]::new));
      assertThat(run.code()).as(words + "\n" + run.err()).isZero();
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(out));
      hashes.put(command.getKey(), HexFormat.of().formatHex(hash));
    }
    return hashes;
  }

  @Test
  void everyCommandWritesTheSameFileASecondLaterWithOtherThreads() throws Exception {
    inputs();
    Map<String, String> first = hashes("first", "1");
    Thread.sleep(1100);
    assertThat(hashes("second", "3")).containsExactlyInAnyOrderEntriesOf(first);
  }

  private String dateOf(CommandLineRun run) {
    assertThat(run.code()).as(run.err()).isZero();
    try (SafetensorsFile file = SafetensorsFile.open(out())) {
      return file.metadata().getOrDefault(DATE, "none");
    }
  }

  @Test
  void theNewestDateOfTheInputsIsThatOfTheResult() {
    Path older = write(lora(TO_Q).metadata(DATE, "2023-12-31"), "older");
    Path newer = write(lora(TO_K).metadata(DATE, "2024-05-06T09:08:09+02:00"), "newer");
    Path odd = write(lora(TO_K).metadata(DATE, "last summer"), "odd");
    assertThat(dateOf(merge(older.toString(), newer.toString(), odd.toString())))
        .isEqualTo("2024-05-06T07:08:09");
  }

  @Test
  void whereNoInputHasADateThereIsNone() {
    Path one = write(lora(TO_Q), "one");
    assertThat(dateOf(merge("--base", write(base(), "base").toString(), one.toString())))
        .isEqualTo("none");
  }

  @ParameterizedTest
  @CsvSource({
    "0, 1970-01-01T00:00:00",
    "1704067199, 2023-12-31T23:59:59",
    "253402300799, 9999-12-31T23:59:59"
  })
  void theVariableOfReproducibleBuildsWins(String seconds, String date) {
    set("SOURCE_DATE_EPOCH", seconds);
    Path one = write(lora(TO_Q).metadata(DATE, "2024-05-06T07:08:09"), "one");
    assertThat(dateOf(merge("--base", write(base(), "base").toString(), one.toString())))
        .isEqualTo(date);
  }

  @ParameterizedTest
  @CsvSource({"yesterday", "-1", "253402300800", "99999999999999999999", "1e9"})
  void aVariableThatIsNoDateIsRefused(String seconds) {
    set("SOURCE_DATE_EPOCH", seconds);
    CommandLineRun run =
        merge("--base", write(base(), "base").toString(), write(lora(TO_Q), "one").toString());
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("SOURCE_DATE_EPOCH", "found " + seconds);
    assertThat(out()).doesNotExist();
  }

  @Test
  void aRebuiltFileIsTheSameFileUnderAnyName() throws IOException {
    set("SOURCE_DATE_EPOCH", "1704067199");
    Path base = write(base(), "base");
    Path one = write(lora(TO_Q), "one");
    assertThat(merge("--base", base.toString(), one.toString()).code()).isZero();
    set("SOURCE_DATE_EPOCH", "1804067199");
    Path again = home.resolve("again.safetensors");
    CommandLineRun run = run("rebuild", out().toString(), "--out", again.toString());
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out()).contains("and so is the whole file");
    assertThat(Files.mismatch(out(), again)).isEqualTo(-1);
  }

  @Test
  void aFileWithOtherMetadataIsRebuiltToItsTensorsOnly() throws IOException {
    Path base = write(base(), "base");
    Path one = write(lora(TO_Q), "one");
    assertThat(merge("--base", base.toString(), one.toString()).code()).isZero();
    TensorFile other = TensorFile.copyOf(out());
    try (SafetensorsFile file = SafetensorsFile.open(out())) {
      file.metadata().forEach(other::metadata);
    }
    other.metadata("note", "mine").write(out());
    CommandLineRun run = run("rebuild", out().toString(), "--json");
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out()).contains("\"same\":true,\"same_file\":false");
  }
}
