package athanor.job.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import athanor.error.AthanorException;
import athanor.error.Kind;
import athanor.file.OutputTarget;
import athanor.job.MergeRun;
import athanor.job.input.Inputs;
import athanor.job.session.JobEvent.Moment;
import athanor.merge.method.LoraMethods;
import athanor.merge.plan.MergeOptions;
import athanor.progress.Cancellation;
import athanor.recipe.InputOrigin;
import athanor.recipe.InputRequest;
import athanor.recipe.MergeRequest;
import athanor.recipe.arguments.LoraArguments;
import athanor.tensor.DType;
import athanor.tensor.StateDict;
import athanor.testkit.Gen;
import athanor.testkit.Sample;
import athanor.testkit.TensorFile;
import athanor.testkit.web.Blob;
import athanor.testkit.web.FakeHuggingFace;
import athanor.testkit.web.FakeWeb;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MergeJobTest {
  private static final String TO_Q =
      "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_q";
  private static final String TO_K =
      "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_k";

  @TempDir private Path home;
  private final FakeWeb web = new FakeWeb();
  private final Gen gen = Gen.fixed(23);
  private final Map<String, Integer> opens = new TreeMap<>();
  private final List<JobEvent> heard = Collections.synchronizedList(new ArrayList<>());
  private Path base = Path.of("");
  private Path pixel = Path.of("");
  private Path ink = Path.of("");

  @BeforeEach
  void writeInputs() {
    base = write(new TensorFile().random(Sample.sd1(DType.F16), 0.05, gen), "base");
    pixel = write(lora(TO_Q), "pixel");
    ink = write(lora(TO_K), "ink");
  }

  @AfterEach
  void closeTheWeb() {
    web.close();
  }

  private Path write(TensorFile file, String name) {
    return file.write(home.resolve(name + ".safetensors"));
  }

  private TensorFile lora(String module) {
    return Sample.pair(new TensorFile(), module, 320, 16, 320, DType.F16, gen);
  }

  private String publish(String repo, Path file) throws IOException {
    String name = String.valueOf(file.getFileName());
    web.huggingFace()
        .file(
            web.huggingFace().repo(repo, FakeHuggingFace.Visibility.PUBLIC),
            name,
            Blob.of(Files.readAllBytes(file)));
    return "hf:" + repo + "/" + name;
  }

  private static MergeRequest request(Optional<String> base, String... loras) {
    return new MergeRequest(
        base.map(InputRequest::new),
        Stream.of(loras).map(LoraArguments::parse).toList(),
        Optional.empty(),
        false,
        MergeOptions.defaults(),
        LoraMethods.standard(),
        false);
  }

  private MergeJob job(MergeRequest request, String output) {
    return new MergeJob(
        request,
        OutputTarget.of(home.resolve(output), false),
        new JobSettings(web.environment(home), home, 2),
        false,
        this::counted);
  }

  private Inputs counted(Inputs files) {
    return new Inputs() {
      @Override
      public StateDict open(Path file, Consumer<String> notes) {
        opens.merge(String.valueOf(file.getFileName()), 1, Integer::sum);
        return files.open(file, notes);
      }

      @Override
      public InputOrigin origin(Path file) {
        return files.origin(file);
      }
    };
  }

  private MergeResult run(MergeJob job) {
    return job.run(heard::add, new Cancellation());
  }

  private <E extends JobEvent> List<E> heard(Class<E> kind) {
    return heard.stream().filter(kind::isInstance).map(kind::cast).toList();
  }

  @Test
  void opensEachFileOfThisComputerOnceAndPlansOnce() {
    MergeResult result =
        run(
            job(
                request(Optional.of(base.toString()), pixel + "@0.5", ink.toString()),
                "out.safetensors"));

    assertThat(opens)
        .isEqualTo(Map.of("base.safetensors", 1, "ink.safetensors", 1, "pixel.safetensors", 1));
    assertThat(heard(JobEvent.Judged.class)).hasSize(1);
    assertThat(result.loras())
        .containsExactly(
            new MergeResult.Applied("pixel.safetensors", 0.5, 1, 1),
            new MergeResult.Applied("ink.safetensors", 1, 1, 1));
  }

  @Test
  void opensEachFileOnceEvenIfHashesAreReadBetweenTheVerdictAndTheWork() {
    MergeJob job = job(request(Optional.of(base.toString()), pixel.toString()), "out.safetensors");

    MergeResult result = run(job.withHashes());

    assertThat(opens).isEqualTo(Map.of("base.safetensors", 1, "pixel.safetensors", 1));
    assertThat(result.inputs()).allMatch(input -> input.origin().sha256().isPresent());
  }

  @Test
  void opensEachLoraOnceWhereTheResultIsALora() {
    run(
        job(request(Optional.empty(), pixel + "@0.5", ink.toString()), "out.safetensors")
            .withHashes());

    assertThat(opens).isEqualTo(Map.of("ink.safetensors", 1, "pixel.safetensors", 1));
    assertThat(heard(JobEvent.LoraMerged.class)).hasSize(1);
  }

  @Test
  void opensALinkedFileOnceInPlaceAndOnceWhenItHasArrived() throws IOException {
    String linkedBase = publish("alice/base", base);
    String linkedPixel = publish("alice/pixel", pixel);

    run(job(request(Optional.of(linkedBase), linkedPixel, ink.toString()), "out.safetensors"));

    assertThat(opens)
        .isEqualTo(Map.of("base.safetensors", 2, "ink.safetensors", 1, "pixel.safetensors", 2));
  }

  @Test
  void opensAFileOfTheCacheOnce() throws IOException {
    String linkedBase = publish("alice/base", base);
    String linkedPixel = publish("alice/pixel", pixel);
    run(job(request(Optional.of(linkedBase), linkedPixel), "first.safetensors"));
    opens.clear();

    run(job(request(Optional.of(linkedBase), linkedPixel), "second.safetensors"));

    assertThat(opens).isEqualTo(Map.of("base.safetensors", 1, "pixel.safetensors", 1));
  }

  @Test
  void aMergeOfLinkedFilesMakesTheSameBytesAsOneOfLocalFiles() throws IOException {
    run(
        job(
            request(Optional.of(base.toString()), pixel + "@0.5", ink.toString()),
            "local.safetensors"));
    run(
        job(
            request(
                Optional.of(publish("alice/base", base)),
                publish("alice/pixel", pixel) + "@0.5",
                publish("alice/ink", ink)),
            "linked.safetensors"));

    assertThat(TensorFile.allBytes(home.resolve("linked.safetensors")))
        .containsExactlyInAnyOrderEntriesOf(TensorFile.allBytes(home.resolve("local.safetensors")));
  }

  @Test
  void tellsTheVerdictAndTheForecastBeforeTheDownloadsAndTheLorasBeforeTheBase()
      throws IOException {
    run(
        job(
            request(Optional.of(publish("alice/base", base)), publish("alice/pixel", pixel)),
            "out.safetensors"));

    List<String> told =
        heard.stream()
            .flatMap(event ->
                switch (event) {
                  case JobEvent.At(Stage stage) -> Stream.of(stage.name());
                  case JobEvent.Leaves(Leftover left) -> Stream.of("leaves " + left);
                  case JobEvent.Judged judged -> Stream.of("judged " + judged.moment());
                  case JobEvent.Planned planned -> Stream.of("planned " + planned.moment());
                  case JobEvent.Downloads _ -> Stream.of("downloads");
                  case JobEvent.Arrived arrived -> Stream.of(arrived.input().file().localName());
                  case JobEvent.Merged _ -> Stream.of("merged");
                  default -> Stream.<String>empty();
                })
            .toList();
    assertThat(told)
        .containsExactly(
            "FINDING",
            "leaves DOWNLOADS",
            "DOWNLOADING",
            "judged " + Moment.BEFORE_DOWNLOADS,
            "planned " + Moment.BEFORE_DOWNLOADS,
            "downloads",
            "pixel.safetensors",
            "base.safetensors",
            "MAKING",
            "judged " + Moment.BEFORE_WORK,
            "merged");
  }

  @Test
  void judgingTellsTheForecastAndWritesNothing() {
    Forecast forecast =
        job(request(Optional.of(base.toString()), pixel.toString()), "out.safetensors")
            .judge(heard::add, new Cancellation());

    assertThat(forecast.fits()).isTrue();
    JobEvent.Planned planned = heard(JobEvent.Planned.class).getFirst();
    assertThat(planned.forecast()).isInstanceOf(MergeRun.Forecast.class);
    assertThat(forecast.bytes()).hasValue(planned.forecast().bytes());
    assertThat(home.resolve("out.safetensors")).doesNotExist();
    assertThat(opens).isEqualTo(Map.of("base.safetensors", 1, "pixel.safetensors", 1));
  }

  @Test
  void tellsTheAdvanceFromItsBeginToItsEnd() {
    run(job(request(Optional.of(base.toString()), pixel.toString()), "out.safetensors"));

    List<JobEvent.Advanced> merging =
        heard(JobEvent.Advanced.class).stream()
            .filter(event -> event.activity().equals("merging"))
            .toList();
    assertThat(merging.getFirst().bytes()).isZero();
    assertThat(merging.getLast().bytes()).isEqualTo(merging.getLast().totalBytes());
    assertThat(merging.getLast().items()).isEqualTo(merging.getLast().totalItems()).isPositive();
  }

  @Test
  void aCancelledJobLeavesNothingAndTheOthersOfItsProcessGoOn()
      throws InterruptedException, ExecutionException {
    MergeRequest request = request(Optional.of(base.toString()), pixel + "@0.5", ink.toString());
    var settings = new JobSettings(web.environment(home), home, 1);
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<MergeResult>> running = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        OutputTarget target = OutputTarget.of(home.resolve("out" + i + ".safetensors"), false);
        var cancellation = new Cancellation();
        boolean stopped = i == 2;
        JobListener listener =
            event -> {
              if (stopped && event instanceof JobEvent.Judged) {
                cancellation.request();
              }
            };
        running.add(
            threads.submit(
                () -> new MergeJob(request, target, settings).run(listener, cancellation)));
      }
      var failure = catchThrowableOfType(ExecutionException.class, () -> running.get(2).get());
      assertThat(((AthanorException) failure.getCause()).problem().kind())
          .isEqualTo(Kind.CANCELLED);
      assertThat(home.resolve("out2.safetensors")).doesNotExist();
      for (int i : new int[] {0, 1, 3}) {
        assertThat(TensorFile.allBytes(running.get(i).get().output()))
            .containsExactlyInAnyOrderEntriesOf(
                TensorFile.allBytes(running.getFirst().get().output()));
      }
    }
  }
}
