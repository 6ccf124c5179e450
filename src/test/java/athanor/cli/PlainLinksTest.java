package athanor.cli;

import static org.assertj.core.api.Assertions.assertThat;

import athanor.testkit.CommandLineRun;
import athanor.testkit.TensorFile;
import athanor.testkit.web.FakeServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Files of a server that knows neither ranges nor hashes, as many small ones do. */
class PlainLinksTest extends LinkFixture {
  private final FakeServer site = new FakeServer();

  @AfterEach
  void stop() {
    site.close();
  }

  private String serve(Path file) throws IOException {
    byte[] content = Files.readAllBytes(file);
    String path = "/" + file.getFileName();
    site.handle(path, (exchange, body) -> FakeServer.send(exchange, 200, "x/y", content));
    return site.address() + path;
  }

  @Test
  void mergesFilesThatTheServerSendsOnlyWhole() throws IOException {
    Path base = write(base(), "base");
    Path pixel = write(lora(TO_Q), "pixel");
    CommandLineRun linked = merge("--base", serve(base), serve(pixel) + "@0.6");
    assertThat(linked.code()).as(linked.err()).isZero();
    assertThat(linked.err())
        .contains("base.safetensors: can be judged only when it is here", "sends files only whole")
        .contains("no hash is listed to compare with");
    var bytes = TensorFile.allBytes(out());
    assertThat(merge("--base", "" + base, pixel + "@0.6", "--overwrite").code()).isZero();
    assertThat(bytes).containsExactlyInAnyOrderEntriesOf(TensorFile.allBytes(out()));
  }

  @Test
  void judgesSmallHeadersAllTheSame() throws IOException {
    String pixel = serve(write(lora(TO_Q), "pixel"));
    CommandLineRun check = run("check", "--base", "" + write(base(), "base"), pixel);
    assertThat(check.code()).as(check.err()).isZero();
    assertThat(check.out()).contains("1 of 1", "fits");
  }
}
