package athanor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import athanor.error.AthanorException;
import athanor.error.Kind;
import athanor.job.DemoFiles;
import athanor.kernel.Kernels;
import athanor.progress.Cancellation;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The front door for programs that embed Athanor. */
class EmbeddingTest {
  private static final Pattern JAVA = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);

  @TempDir private Path folder;
  private Path base = Path.of("");
  private Path pixel = Path.of("");
  private Path ink = Path.of("");

  @BeforeEach
  void writeFiles() throws IOException {
    var files = new DemoFiles(Kernels.create(), folder);
    base = Files.move(files.writeBase(), folder.resolve("sd15.safetensors"));
    pixel = Files.move(files.writeKohyaLora(), folder.resolve("pixel.safetensors"));
    ink = Files.move(files.writeDiffusersLora(), folder.resolve("ink.safetensors"));
  }

  @Test
  void theExampleOfTheDocumentationCompilesAndMerges() throws IOException, InterruptedException {
    Matcher code = JAVA.matcher(Files.readString(Path.of("docs/embedding.md")));
    assertThat(code.find()).isTrue();
    Files.writeString(folder.resolve("Example.java"), code.group(1));
    Path java = Path.of(System.getProperty("java.home"), "bin", "java");

    Process example =
        new ProcessBuilder(
                java.toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                "Example.java")
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .start();
    String printed = new String(example.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(example.waitFor()).as(printed).isZero();
    assertThat(printed)
        .contains("merging 0 %", "merging 100 %")
        .contains("pixel.safetensors: applied 36 of 36", "ink.safetensors: applied 36 of 36");
    assertThat(folder.resolve("mine.safetensors")).exists();
  }

  @Test
  void tellsEveryVerdictAndWhatCameOut() {
    List<MergeEvent> events = new ArrayList<>();

    Merged merged =
        Merge.into(base.toString())
            .lora(pixel + "@0.6")
            .lora(ink.toString())
            .threads(1)
            .run(folder.resolve("out.safetensors"), events::add);

    assertThat(events)
        .contains(
            new MergeEvent.Verdict("pixel.safetensors", true),
            new MergeEvent.Verdict("ink.safetensors", true));
    assertThat(merged.loras())
        .containsExactly(
            new Merged.Lora("pixel.safetensors", 0.6, 36, 36),
            new Merged.Lora("ink.safetensors", 1, 36, 36));
    assertThat(merged.output()).exists().hasSize(merged.bytes());
  }

  @Test
  void mergesLorasIntoOneLora() {
    Merged merged =
        Merge.ofLoras()
            .lora(pixel + "@0.5")
            .lora(ink.toString())
            .run(folder.resolve("both.safetensors"), event -> {});

    assertThat(merged.loras()).hasSize(2);
    assertThat(merged.output()).exists();
  }

  @Test
  void mixesACheckpointInWithLorasOnTop() {
    Path other = folder.resolve("other.safetensors");
    Merge.into(base.toString()).lora(ink.toString()).run(other, event -> {});
    Path out = folder.resolve("out.safetensors");
    Merged merged =
        Merge.into(base.toString()).mix(other + "@0.5").lora(pixel + "@0.5").run(out, event -> {});

    assertThat(merged.output()).exists();
    assertThat(merged.loras()).hasSize(1);
    var failure =
        catchThrowableOfType(AthanorException.class, () -> Merge.ofLoras().mix(other.toString()));
    assertThat(failure.problem().kind()).isEqualTo(Kind.USAGE);
  }

  @Test
  void aCheckpointGivenAsALoraIsRefusedAndNothingIsWritten() {
    Path out = folder.resolve("out.safetensors");
    List<MergeEvent> events = new ArrayList<>();

    var failure =
        catchThrowableOfType(
            AthanorException.class,
            () -> Merge.into(base.toString()).lora(base.toString()).run(out, events::add));

    assertThat(failure.problem().kind()).isEqualTo(Kind.INCOMPATIBLE);
    assertThat(events).contains(new MergeEvent.Verdict("sd15.safetensors", false));
    assertThat(out).doesNotExist();
  }

  @Test
  void replacesAFileOnlyIfThatIsAllowed() {
    Path out = folder.resolve("out.safetensors");
    Merge merge = Merge.into(base.toString()).lora(pixel.toString());
    merge.run(out, event -> {});

    var failure = catchThrowableOfType(AthanorException.class, () -> merge.run(out, event -> {}));

    assertThat(failure.problem().kind()).isEqualTo(Kind.USAGE);
    assertThat(merge.overwrite().run(out, event -> {}).output()).exists();
  }

  @Test
  void stopsWhenItIsCancelled() {
    Path out = folder.resolve("out.safetensors");
    var cancellation = new Cancellation();

    var failure =
        catchThrowableOfType(
            AthanorException.class,
            () ->
                Merge.into(base.toString())
                    .lora(pixel.toString())
                    .run(out, event -> cancellation.request(), cancellation));

    assertThat(failure.problem().kind()).isEqualTo(Kind.CANCELLED);
    assertThat(out).doesNotExist();
  }
}
