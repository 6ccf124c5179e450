package athanor.cli;

import static org.assertj.core.api.Assertions.assertThat;

import athanor.tensor.DType;
import athanor.tensor.Shape;
import athanor.testkit.CommandLineRun;
import athanor.testkit.Sample;
import athanor.testkit.TensorFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Whoever types the command that a help shows gets what they wanted. */
class FollowedHelpTest extends LinkFixture {
  private static final Pattern COMMAND = Pattern.compile("athanor ([a-z]+ [^;\n]*)");

  private String name(Path file) {
    return file.getFileName().toString();
  }

  /** The command lines in the help of a command that fails. */
  private List<String> advice(int code, String... arguments) {
    CommandLineRun run = run(arguments);
    assertThat(run.code()).as(run.err()).isEqualTo(code);
    String help =
        run.err().lines().filter(line -> line.startsWith("help: ")).findFirst().orElse("");
    List<String> commands = COMMAND.matcher(help).results().map(found -> found.group(1)).toList();
    assertThat(commands).as(run.err()).isNotEmpty();
    return commands;
  }

  /** Types a command line with these files for what it names. */
  private CommandLineRun follow(String command, Map<String, Path> files) {
    List<String> words = new ArrayList<>();
    Pattern word = Pattern.compile("'([^']*)'|(\\S+)");
    for (MatchResult found : word.matcher(command).results().toList()) {
      String text = found.group(1) != null ? found.group(1) : found.group(2);
      for (Map.Entry<String, Path> file : files.entrySet()) {
        text =
            text.equals(file.getKey()) || text.startsWith(file.getKey() + "@")
                ? file.getValue() + text.substring(file.getKey().length())
                : text;
      }
      words.add(text);
    }
    return run(words.toArray(String[]::new));
  }

  private void leadsSomewhere(String command, Map<String, Path> files, Path result) {
    CommandLineRun run = follow(command, files);
    assertThat(run.code()).as(command + "\n" + run.err()).isZero();
    assertThat(result).exists();
  }

  @Test
  void aFileInThePlaceOfACommandCanBeMerged() {
    Path base = write(base(), "base");
    Path lora = write(lora(TO_Q), "pixel");
    String command = advice(2, lora.toString()).getFirst();
    leadsSomewhere(command, Map.of("CHECKPOINT", base, "result.safetensors", out()), out());
  }

  @Test
  void whatCannotBeResizedByAMethodIsMadeALora() {
    Path full =
        write(
            new TensorFile().random(TO_Q + ".diff", DType.F16, Shape.of(320, 320), 0.05, gen),
            "full");
    List<String> commands =
        advice(
            3,
            "resize",
            full.toString(),
            "--method",
            "sv_ratio",
            "--param",
            "10",
            "--out",
            out().toString());
    leadsSomewhere(commands.getFirst(), Map.of(name(full), full, "lora.safetensors", out()), out());
  }

  @Test
  void whatDependsOnTheCheckpointIsMergedIntoIt() throws Exception {
    Path base = write(base(), "base");
    Path dora =
        write(lora(TO_Q).random(TO_Q + ".dora_scale", DType.F16, Shape.of(320, 1), 1, gen), "dora");
    Map<String, Path> files =
        Map.of("CHECKPOINT", base, name(dora), dora, "merged.safetensors", out());
    List<List<String>> refused =
        List.of(
            List.of("resize", dora.toString(), "--rank", "2"),
            List.of("convert", dora.toString(), "--to", "lora", "--rank", "2"),
            List.of("merge", dora.toString(), dora.toString()));
    for (List<String> words : refused) {
      List<String> arguments = new ArrayList<>(words);
      arguments.addAll(List.of("--out", out().toString()));
      List<String> commands = advice(3, arguments.toArray(String[]::new));
      leadsSomewhere(commands.getLast(), files, out());
      Files.delete(out());
    }
  }

  @Test
  void lorasOfOtherRanksThanKohyasMethodTakesAreMergedExactly() {
    Path one = write(lora(TO_Q), "one");
    Path other = write(Sample.pair(new TensorFile(), TO_Q, 320, 4, 320, DType.F16, gen), "other");
    String command =
        advice(
                3,
                "merge",
                one.toString(),
                other + "@0.5",
                "--method",
                "kohya",
                "--out",
                out().toString())
            .getFirst();
    leadsSomewhere(command, Map.of(), out());
  }

  @Test
  void optionsBeforeTheCommandGoBehindIt() {
    String command = advice(2, "--debug", "inspect", "x").getFirst();
    Path lora = write(lora(TO_Q), "pixel");
    CommandLineRun run = follow(command, Map.of("…", lora));
    assertThat(run.code()).as(run.err()).isZero();
  }

  @Test
  void anEmptyExtractionTakesWhatItsHelpSays() {
    String conv = "model.diffusion_model.input_blocks.1.0.in_layers.2.weight";
    Path base = write(base(), "base");
    TensorFile copy = TensorFile.copyOf(base);
    float[] values = TensorFile.floats(base, conv);
    for (int i = 0; i < values.length; i++) {
      values[i] += 1;
    }
    Path tuned = write(copy.put(conv, DType.F16, Shape.of(320, 320, 3, 3), values), "tuned");
    List<String> words =
        new ArrayList<>(
            List.of(
                "extract",
                "--base",
                base.toString(),
                "--tuned",
                tuned.toString(),
                "--rank",
                "2",
                "--out",
                out().toString()));
    CommandLineRun refused = run(words.toArray(String[]::new));
    assertThat(refused.code()).isEqualTo(3);
    assertThat(refused.err()).contains("which --conv-rank takes");
    words.addAll(List.of("--conv-rank", "2"));
    CommandLineRun taken = run(words.toArray(String[]::new));
    assertThat(taken.code()).as(taken.err()).isZero();
  }
}
