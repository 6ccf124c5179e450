package athanor.cli;

import static org.assertj.core.api.Assertions.assertThat;

import athanor.job.DemoFiles;
import athanor.job.session.JobSettings;
import athanor.kernel.Kernels;
import athanor.net.Json;
import athanor.testkit.CommandLineRun;
import athanor.testkit.JavaProcess;
import athanor.web.Page;
import athanor.web.PageClient;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command {@code ui} and the process that it is. */
class UiCommandTest {
  @TempDir Path folder;

  private static CommandLineRun run(String... args) {
    return CommandLineRun.of((out, err) -> new Main(out, err).run(args));
  }

  @Test
  void whatCannotBeIsRefused() {
    assertThat(run("ui", "--port", "70000").code()).isEqualTo(2);
    assertThat(run("ui", "--threads", "0").code()).isEqualTo(2);
    assertThat(run("ui", "--dir", folder.resolve("gone").toString()).code()).isEqualTo(2);
  }

  @Test
  void aPortThatIsTakenIsSaid() {
    try (Page page = Page.open(new JobSettings(Map.of(), folder, 1), folder, 0, text -> {})) {
      String port = Integer.toString(new PageClient(page.address()).port());
      CommandLineRun second = run("ui", "--no-browser", "--port", port);
      assertThat(second.code()).isEqualTo(2);
      assertThat(second.err()).contains("--port " + port, "help: leave out --port");
    }
  }

  /** What the page is told and what {@code check --json} prints are the same lines. */
  @Test
  void thePageIsToldWhatTheCommandPrints() {
    var files = new DemoFiles(Kernels.create(), folder);
    String base = files.writeBase().toString();
    String pixel = files.writeKohyaLora() + "@0.6";
    List<String> printed = run("check", "--base", base, pixel, "--json").out().lines().toList();
    assertThat(printed).hasSize(2);
    try (Page page = Page.open(new JobSettings(Map.of(), folder, 1), folder, 0, text -> {})) {
      var client = new PageClient(page.address());
      client.done("paste", Map.of("text", Json.of(base + "\n" + pixel)));
      client.await(state -> state.get("check").get("forecast").get("bytes").size().isPresent());
      assertThat(client.text("state")).contains(printed);
    }
  }

  private Process start() throws IOException {
    return JavaProcess.start(
        JavaProcess.command(Main.class, "ui", "--no-browser", "--dir", folder.toString()));
  }

  private static PageClient client(Process process) throws IOException {
    var lines =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    String line = lines.readLine();
    while (line != null && !line.startsWith("http://127.0.0.1:")) {
      line = lines.readLine();
    }
    return new PageClient(String.valueOf(line));
  }

  @Test
  void theButtonThatEndsItEndsItWithZero() throws Exception {
    Process process = start();
    client(process).done("end", Map.of());
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isZero();
  }

  @Test
  void ctrlCInTheMiddleOfABakeLeavesNothingHalfWritten() throws Exception {
    var files = new DemoFiles(Kernels.create(), folder);
    Path base = files.writeBase();
    Path pixel = files.writeKohyaLora();
    Process process = start();
    PageClient client = client(process);
    client.done("paste", Map.of("text", Json.of(base + "\n" + pixel)));
    client.await(state -> state.get("check").get("forecast").get("bytes").size().isPresent());
    for (int i = 0; i < 5; i++) {
      client.done("bake", Map.of("name", Json.of("mine" + i)));
    }
    client.await(state ->
        state.get("jobs").items().stream()
            .anyMatch(job -> job.get("progress").get("items").whole().orElse(0L) > 0));
    new ProcessBuilder("kill", "-INT", Long.toString(process.pid())).start().waitFor();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isEqualTo(130);
    try (Stream<Path> left = Files.list(folder)) {
      assertThat(left.map(file -> file.getFileName().toString()))
          .allMatch(name -> name.matches("(demo-|mine[0-4]).*\\.safetensors"));
    }
  }
}
