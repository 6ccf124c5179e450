package athanor.cli;

import athanor.hub.upload.Clearance;
import athanor.hub.upload.Publication;
import tools.jackson.core.JsonGenerator;

/** What is said of an upload: the plan and the login before it, the links after it. */
final class PushReport {
  private final Screen screen;

  PushReport(Screen screen) {
    this.screen = screen;
  }

  /** Before anything is sent. */
  void plan(Clearance clearance) {
    String visibility = clearance.isPrivate() ? "private" : "public";
    screen.note(
        "to "
            + clearance.page()
            + " ("
            + (clearance.exists() ? "exists, " + visibility : "new, " + visibility)
            + ", branch "
            + clearance.request().revision()
            + (clearance.request().createPr() ? ", as a pull request" : "")
            + ")");
    screen.note(clearance.login());
  }

  /** What would be done. */
  void forecast(Publication plan) {
    if (screen.isJson()) {
      screen.result(json -> {
        json.writeStringProperty("result", "push plan");
        json.writeStringProperty("repository", plan.repo().toString());
        writeFiles(json, plan);
      });
      return;
    }
    for (Publication.Published file : plan.files()) {
      screen.result(
          file.path()
              + ": "
              + (file.fate() == Publication.Fate.PUBLISHED
                  ? "would be published, " + Sizes.bytes(file.size())
                  : file.fate().label()));
    }
  }

  /** What was done. */
  void done(Publication done) {
    if (screen.isJson()) {
      screen.result(json -> {
        json.writeStringProperty("result", "push");
        json.writeStringProperty("repository", done.repo().toString());
        json.writeStringProperty("url", done.page());
        done.commit().ifPresent(commit -> json.writeStringProperty("commit", commit));
        done.commitUrl().ifPresent(url -> json.writeStringProperty("commit_url", url));
        done.pullRequest().ifPresent(url -> json.writeStringProperty("pull_request", url));
        json.writeNumberProperty("sent_bytes", done.sentBytes());
        writeFiles(json, done);
      });
      return;
    }
    for (Publication.Published file : done.files()) {
      screen.note(
          file.path()
              + ": "
              + file.fate().label()
              + ", "
              + Sizes.bytes(file.size())
              + file.sha256().map(hash -> ", SHA-256 " + hash).orElse(""));
    }
    if (done.commit().isEmpty()) {
      screen.note("nothing to do: the repository has these files already");
    }
    done.commitUrl().ifPresent(url -> screen.note("commit: " + url));
    screen.result(link(done));
  }

  /** The address that a person opens next. */
  private static String link(Publication done) {
    boolean single = done.files().size() == 1;
    return done.pullRequest().orElse(single ? done.files().getFirst().url() : done.page());
  }

  private static void writeFiles(JsonGenerator json, Publication publication) {
    json.writeArrayPropertyStart("files");
    for (Publication.Published file : publication.files()) {
      json.writeStartObject();
      json.writeStringProperty("path", file.path());
      json.writeNumberProperty("bytes", file.size());
      file.sha256().ifPresent(hash -> json.writeStringProperty("sha256", hash));
      json.writeStringProperty("fate", file.fate().label());
      json.writeStringProperty("url", file.url());
      json.writeEndObject();
    }
    json.writeEndArray();
  }
}
