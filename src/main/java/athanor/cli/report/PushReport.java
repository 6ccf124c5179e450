package athanor.cli.report;

import athanor.cli.terminal.Screen;
import athanor.cli.terminal.Sizes;
import athanor.hub.upload.Publication;
import athanor.hub.upload.UploadPermission;
import athanor.report.PublishedFile;
import athanor.report.PublishedFiles;
import athanor.report.PublishingPlan;

/** What is said of an upload: the plan and the login before it, the links after it. */
public final class PushReport {
  private final Screen screen;

  PushReport(Screen screen) {
    this.screen = screen;
  }

  /** Before anything is sent. */
  void plan(UploadPermission permission) {
    String visibility = permission.isPrivate() ? "private" : "public";
    screen.note(
        "to "
            + permission.page()
            + " ("
            + (permission.exists() ? "exists, " + visibility : "new, " + visibility)
            + ", branch "
            + permission.request().revision()
            + (permission.request().createPr() ? ", as a pull request" : "")
            + ")");
    screen.note(permission.login());
  }

  /** What would be done. */
  void forecast(Publication publication) {
    PublishingPlan plan = PublishingPlan.of(publication);
    if (screen.isJson()) {
      screen.result(plan);
      return;
    }
    for (PublishedFile file : plan.files()) {
      screen.result(
          file.path()
              + ": "
              + (file.isNew() ? "would be published, " + Sizes.bytes(file.bytes()) : file.fate()));
    }
  }

  /** What was done. */
  void done(Publication publication) {
    PublishedFiles done = PublishedFiles.of(publication);
    if (screen.isJson()) {
      screen.result(done);
      return;
    }
    for (PublishedFile file : done.files()) {
      screen.note(
          file.path()
              + ": "
              + file.fate()
              + ", "
              + Sizes.bytes(file.bytes())
              + file.sha256().map(hash -> ", SHA-256 " + hash).orElse(""));
    }
    if (done.commit().isEmpty()) {
      screen.note("nothing to do: the repository has these files already");
    }
    done.commitUrl().ifPresent(url -> screen.note("commit: " + url));
    screen.result(done.link());
  }
}
