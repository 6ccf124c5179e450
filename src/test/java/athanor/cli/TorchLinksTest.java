package athanor.cli;

import static org.assertj.core.api.Assertions.assertThat;

import athanor.testkit.CommandLineRun;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Checkpoints in PyTorch's format, given as links. */
class TorchLinksTest extends LinkFixture {

  /** A merged checkpoint in PyTorch's format, as this program writes it. */
  private Path torchBase() {
    Path base = write(base(), "plain");
    Path pixel = write(lora(TO_K), "other");
    Path torch = home.resolve("base.ckpt");
    CommandLineRun made =
        run("merge", "--base", base.toString(), pixel.toString(), "--out", torch.toString());
    assertThat(made.code()).as(made.err()).isZero();
    return torch;
  }

  @Test
  void judgesAnArchiveByItsDirectoryAndPickle() {
    String base = publish("alice/base", torchBase());
    String pixel = publish("alice/pixel", write(lora(TO_Q), "pixel"));

    CommandLineRun check = run("check", "--base", base, pixel);

    assertThat(check.code()).as(check.err()).isZero();
    assertThat(check.out()).contains("base.ckpt: SD 1.x", "1 of 1", "fits");
    assertThat(largestRequest()).isLessThanOrEqualTo(1 << 20);
    assertThat(web.storage().log()).hasSizeLessThanOrEqualTo(8);
  }

  @Test
  void mergesIntoAnArchive() {
    String base = publish("alice/base", torchBase());
    String pixel = publish("alice/pixel", write(lora(TO_Q), "pixel"));
    CommandLineRun run = merge("--base", base, pixel + "@0.5");
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(out()).exists();
  }
}
