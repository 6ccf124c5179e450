package athanor.cli;

import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import athanor.testkit.CommandLineRun;
import athanor.testkit.web.FakeServer;
import athanor.testkit.web.PrivateAddresses;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Links of recipes and merged files, whose author may be a stranger, are followed with care. */
class PrivateLinksTest extends LinkFixture {
  private static final List<String> PRIVATE =
      List.of(
          "http://127.0.0.1:%d/a.safetensors",
          "https://127.0.0.1:%d/a.safetensors",
          "http://localhost:%d/a.safetensors",
          "http://LOCALHOST:%d/a.safetensors",
          "http://127.1:%d/a.safetensors",
          "http://2130706433:%d/a.safetensors",
          "http://0x7f000001:%d/a.safetensors",
          "http://0177.0.0.1:%d/a.safetensors",
          "http://0.0.0.0:%d/a.safetensors",
          "http://[::1]:%d/a.safetensors",
          "https://[::ffff:127.0.0.1]:%d/a.safetensors",
          "http://user:word@127.0.0.1:%d/a.safetensors",
          "https://169.254.169.254/latest/meta-data",
          "https://[fd00:ec2::254]/latest/meta-data",
          "https://10.0.0.1/a.safetensors",
          "https://172.16.0.1/a.safetensors",
          "https://192.168.1.1/a.safetensors",
          "https://100.64.0.1/a.safetensors",
          "https://metadata.google.internal/computeMetadata/v1",
          "https://nas/a.safetensors",
          "http://models.invalid/a.safetensors",
          "http://hf-mirror.com/alice/style/resolve/main/a.safetensors");

  private final FakeServer site = new FakeServer();

  @BeforeEach
  void serve() {
    site.handle(
        "/a.safetensors", (exchange, body) -> FakeServer.send(exchange, 404, "x/y", new byte[0]));
  }

  @AfterEach
  void stop() {
    site.close();
  }

  @Override
  int requests() {
    return super.requests() + site.log().size();
  }

  /** Those that lead to the server of this test, and those that lead anywhere else. */
  private static List<String> links() {
    return Stream.concat(PRIVATE.stream(), PrivateAddresses.ALL.stream()).toList();
  }

  private String here(String link) {
    return link.contains("%d") ? link.formatted(site.address().getPort()) : link;
  }

  private Path recipe(String lora) throws IOException {
    write(base(), "base");
    return Files.writeString(
        home.resolve("mix.yaml"),
        "athanor: 1\nbase: base.safetensors\nloras: [{link: \""
            + lora.replace("\\", "\\\\")
            + "\"}]\nout: mix.safetensors\n");
  }

  /** A merged file whose recipe says that its LoRA is at this link. */
  private Path merged(String link) throws IOException {
    Path base = write(base(), "base");
    Path lora = write(lora(TO_Q), "a");
    CommandLineRun merge = merge("--base", base.toString(), publish("bob/style", lora));
    assertThat(merge.code()).as(merge.err()).isZero();
    Files.delete(lora);
    return relinked(
        Files.move(out(), home.resolve("merged.safetensors")), "hf:bob/style/a.safetensors", link);
  }

  /** Puts another link into the recipe of a merged file. */
  private static Path relinked(Path original, String before, String link) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(original)).order(LITTLE_ENDIAN);
    int length = Math.toIntExact(bytes.getLong());
    String header = new String(bytes.array(), Long.BYTES, length, UTF_8);
    assertThat(header).contains(escaped(before));
    byte[] relinked =
        header
            .replaceAll(
                Pattern.quote(escaped(before)) + "(@[0-9a-f]+)?",
                Matcher.quoteReplacement(escaped(link)))
            .getBytes(UTF_8);
    try (OutputStream file = Files.newOutputStream(original)) {
      file.write(
          ByteBuffer.allocate(Long.BYTES).order(LITTLE_ENDIAN).putLong(relinked.length).array());
      file.write(relinked);
      file.write(bytes.array(), Long.BYTES + length, bytes.capacity() - Long.BYTES - length);
    }
    return original;
  }

  /** In a JSON text within a JSON text. */
  private static String escaped(String text) {
    return text.replace("\\", "\\\\\\\\");
  }

  @Test
  void ofAMergedFileLeadToThePublicInternetOnly() throws IOException {
    String earlier = "https://models.invalid/first";
    Path merged = merged(earlier);
    for (String text : links()) {
      String link = here(text);
      relinked(merged, earlier, link);
      earlier = link;
      int before = requests();

      CommandLineRun run = run("rebuild", merged.toString());

      assertThat(run.code()).as(link + "\n" + run.err()).isEqualTo(2);
      assertThat(requests()).as(link).isEqualTo(before);
      assertThat(run.err()).as(link).doesNotContain("asking there");
    }
  }

  @Test
  void ofAMergedFileAreFollowedWhereTheUserAllowsIt() throws IOException {
    Path merged = merged(here("http://127.0.0.1:%d/a.safetensors"));
    int before = requests();

    CommandLineRun run = run("rebuild", merged.toString(), "--allow-private");

    assertThat(run.err()).contains("the links in the file lead to 127.0.0.1: asking there");
    assertThat(requests()).isGreaterThan(before);
  }

  @Test
  void ofARecipeLeadToThePublicInternetOnly() throws IOException {
    for (String text : links()) {
      String link = here(text);

      CommandLineRun run = run("run", recipe(link).toString());

      assertThat(run.code()).as(link + "\n" + run.err()).isEqualTo(2);
      assertThat(requests()).as(link).isZero();
      assertThat(run.err()).as(link).doesNotContain("asking there");
    }
  }

  @Test
  void ofARecipeAreFollowedWhereTheUserAllowsIt() throws IOException {
    String link = here("http://127.0.0.1:%d/a.safetensors");
    CommandLineRun run = run("run", recipe(link).toString(), "--allow-private");

    assertThat(run.err()).contains("the links in the file lead to 127.0.0.1: asking there");
    assertThat(requests()).isPositive();
  }

  @Test
  void ofARecipeToTheHubAreSaidBeforeTheyAreFollowed() throws IOException {
    Path lora = write(lora(TO_Q), "a");
    String link = publish("bob/style", lora);
    CommandLineRun run = run("run", recipe(link).toString());

    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.err()).contains("the links in the file lead to ");
  }

  @Test
  void ofTheUserThatLeadHereAreAskedOrRefusedInOneSentence() throws IOException {
    Path base = write(base(), "base");
    for (String text : PRIVATE) {
      if (text.contains("%d") && text.startsWith("http://") && !text.contains("[")) {
        CommandLineRun run = merge("--base", base.toString(), here(text));
        assertThat(run.code()).as(text + "\n" + run.err()).isIn(2, 5);
        assertThat(run.err().lines().filter(line -> line.startsWith("athanor: "))).hasSize(1);
      }
    }
  }

  @Test
  void ofTheUserLeadAnywhere() throws IOException {
    Path base = write(base(), "base");
    String link = here("http://127.0.0.1:%d/a.safetensors");
    CommandLineRun run = merge("--base", base.toString(), link);

    assertThat(requests()).isPositive();
    assertThat(run.err()).doesNotContain("asking there");
  }
}
