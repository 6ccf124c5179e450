package athanor.cli.report;

import athanor.cli.terminal.Screen;
import athanor.cli.terminal.Sizes;
import athanor.cli.terminal.TextTable;
import athanor.job.DeclaredCheck;
import athanor.job.input.DownloadForecast;
import athanor.job.input.RemoteInput;
import athanor.job.session.JobEvent;
import athanor.report.DeclaredBase;
import athanor.report.DeclaredInput;
import athanor.report.DeclaredLora;
import athanor.report.Download;
import athanor.report.FetchedFile;
import java.util.List;
import java.util.OptionalLong;

/** What is said of inputs that were given as links. */
public final class LinkReport {
  private final Screen screen;

  LinkReport(Screen screen) {
    this.screen = screen;
  }

  /** What would be downloaded. */
  void print(DownloadForecast forecast) {
    List<Download> downloads = Download.of(forecast);
    if (downloads.isEmpty()) {
      return;
    }
    if (screen.isJson()) {
      screen.results(downloads);
      return;
    }
    screen.result("");
    var table = new TextTable("from a link", "size", "download", "source");
    for (Download file : downloads) {
      table.add(
          file.file(),
          size(file.bytes()),
          file.here() ? "already there" : size(file.bytes()),
          file.source());
    }
    table.lines().forEach(screen::result);
    screen.result(
        "to download: "
            + Sizes.bytes(forecast.bytes())
            + " into "
            + forecast.folder()
            + " ("
            + Sizes.bytes(forecast.freeBytes())
            + " free)");
  }

  /** An input is here. */
  void arrived(RemoteInput input) {
    input
        .files()
        .forEach(file ->
            file.fetched()
                .map(fetched -> FetchedFile.of(file.file(), fetched))
                .ifPresent(fetched -> screen.note(arrival(fetched))));
  }

  /** Where a file came from, its size, and against what its hash was compared. */
  public static String arrival(FetchedFile file) {
    return file.name()
        + ": "
        + file.how()
        + ", "
        + Sizes.bytes(file.bytes())
        + (file.listedHash() ? ", hash verified" : ", no hash is listed to compare with")
        + " (SHA-256 "
        + file.sha256()
        + ", from "
        + file.source()
        + ")";
  }

  /** The verdict where some files cannot be read, and why they cannot. */
  void print(JobEvent.Declared declared) {
    print(declared.check());
    print(declared.downloads());
    screen.warn("some files cannot be read yet: " + declared.reason().line());
    declared.reason().help().ifPresent(help -> screen.note("help: " + help));
  }

  private void print(DeclaredCheck check) {
    DeclaredBase base = DeclaredBase.of(check);
    List<DeclaredLora> loras = DeclaredLora.of(check);
    if (screen.isJson()) {
      screen.result(base);
      screen.results(loras);
      return;
    }
    screen.result(base.input().file() + ": " + base.input().madeFor() + source(base.input()));
    screen.result("");
    var table = new TextTable("LoRA", "made for", "kind", "verdict");
    for (DeclaredLora line : loras) {
      DeclaredInput lora = line.input();
      table.add(lora.file(), lora.madeFor(), lora.kind(), lora.verdict() + source(lora));
    }
    table.lines().forEach(screen::result);
  }

  private static String source(DeclaredInput input) {
    return input.declared() ? " (as declared)" : "";
  }

  private static String size(OptionalLong bytes) {
    return bytes.isPresent() ? Sizes.bytes(bytes.getAsLong()) : "not known";
  }
}
