package athanor.cli.report;

import static org.assertj.core.api.Assertions.assertThat;

import athanor.cli.terminal.Screen;
import athanor.hub.Account;
import athanor.hub.Service;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AuthReportTest {

  private static String said(Screen.Mode mode, Consumer<Screen> report) {
    var out = new ByteArrayOutputStream();
    var stream = new PrintStream(out, true, StandardCharsets.UTF_8);
    report.accept(new Screen(stream, stream, mode, false));
    return out.toString(StandardCharsets.UTF_8).strip();
  }

  private static Account account(Service service, Optional<String> role) {
    return new Account(
        service, "ann", Optional.of("laptop"), role, List.of("alchemists"), "HF_TOKEN");
  }

  @ParameterizedTest
  @CsvSource({
    "read, 'may read, not publish'",
    "write, may read and publish",
    "fineGrained, may do what was chosen when it was made (fine-grained)",
    "god, rights not told",
  })
  void saysWhatATokenOfHuggingFaceMay(String role, String rights) {
    Account account = account(Service.HUGGING_FACE, Optional.of(role));
    assertThat(said(Screen.Mode.NORMAL, screen -> AuthReport.print(screen, account)))
        .isEqualTo(
            Service.HUGGING_FACE.label()
                + ": ann, token 'laptop', "
                + rights
                + " (from HF_TOKEN), member of alchemists");
  }

  @Test
  void saysThatATokenOfCivitaiMayDownload() {
    Account account =
        new Account(
            Service.CIVITAI, "bob", Optional.empty(), Optional.empty(), List.of(), "a file");
    assertThat(said(Screen.Mode.NORMAL, screen -> AuthReport.print(screen, account)))
        .isEqualTo(Service.CIVITAI.label() + ": bob, may download (from a file)");
  }

  @Test
  void withoutARoleItsRightsAreNotTold() {
    Account account = account(Service.HUGGING_FACE, Optional.empty());
    assertThat(said(Screen.Mode.NORMAL, screen -> AuthReport.print(screen, account)))
        .contains("rights not told");
  }

  @Test
  void writesOneObjectForPrograms() {
    Account account = account(Service.HUGGING_FACE, Optional.of("write"));
    assertThat(said(Screen.Mode.JSON, screen -> AuthReport.print(screen, account)))
        .startsWith("{")
        .contains("\"ann\"", "\"write\"")
        .doesNotContain("\n");
  }

  @Test
  void saysHowToGiveATokenWhereThereIsNone() {
    assertThat(said(Screen.Mode.NORMAL, screen -> AuthReport.printNone(screen, Service.CIVITAI)))
        .endsWith("no token; give one with: athanor auth login civitai");
    assertThat(said(Screen.Mode.JSON, screen -> AuthReport.printNone(screen, Service.CIVITAI)))
        .startsWith("{")
        .contains("civitai");
  }

  @Test
  void saysWhetherATokenWasRemoved() {
    assertThat(
            said(
                Screen.Mode.NORMAL,
                screen -> AuthReport.printRemoved(screen, Service.HUGGING_FACE, true)))
        .endsWith("the stored token was removed");
    assertThat(
            said(
                Screen.Mode.NORMAL,
                screen -> AuthReport.printRemoved(screen, Service.HUGGING_FACE, false)))
        .endsWith("no token was stored");
    assertThat(
            said(
                Screen.Mode.JSON,
                screen -> AuthReport.printRemoved(screen, Service.HUGGING_FACE, true)))
        .startsWith("{")
        .contains("true");
  }
}
