package athanor.testkit.web;

import athanor.testkit.web.upload.Publishing;
import athanor.testkit.web.upload.RequestLog;
import athanor.testkit.web.upload.Step;
import athanor.testkit.web.upload.UploadFaults;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * Commands to running fakes, a line each: {@code basic}, {@code multipart BYTES}, {@code discard},
 * {@code keep}, {@code forget} (all objects), {@code purge} (from the disk too), {@code delete
 * REPO}, {@code publish REPO FILE}, {@code fail STEP STATUS [MESSAGE]}, {@code lose STEP} (the next
 * answer), {@code foreign-commit REPO}, {@code forget-log}, {@code log FILE}.
 */
final class FakeHubCommands {
  private final FakeWeb web;
  private final Publishing publishing;

  FakeHubCommands(FakeWeb web) {
    this.web = web;
    this.publishing = web.publishing();
  }

  void obey(String line) throws IOException {
    String[] words = line.split(" ", 4);
    switch (words[0]) {
      case "basic" -> publishing.settings().basic();
      case "multipart" -> publishing.settings().multipart(Long.parseLong(words[1]));
      case "discard" -> publishing.receiving().discard();
      case "keep" -> publishing.receiving().keep();
      case "forget" -> publishing.objects().forgetAll();
      case "purge" -> publishing.objects().purge();
      case "delete" -> web.huggingFace().delete(words[1]);
      case "publish" -> publish(words[1], Path.of(words[2]));
      case "fail" ->
          publishing
              .troubles()
              .next(
                  step(words[1]),
                  UploadFaults.refusal(
                      Integer.parseInt(words[2]), words.length > 3 ? words[3] : "refused"));
      case "lose" -> publishing.troubles().next(step(words[1]), UploadFaults.answerLost());
      case "foreign-commit" ->
          publishing.foreignCommit(
              web.huggingFace().find(words[1]).orElseThrow(),
              "foreign.txt",
              "foreign\n".getBytes(StandardCharsets.UTF_8));
      case "forget-log" -> {
        web.huggingFace().log().clear();
        web.storage().log().clear();
        publishing.receiving().receipts().clear();
      }
      case "log" ->
          RequestLog.write(Path.of(words[1]), web.huggingFace().log(), web.storage().log());
      default -> throw new IllegalArgumentException("no such command: " + line);
    }
  }

  private void publish(String repo, Path file) throws IOException {
    FakeHuggingFace hub = web.huggingFace();
    Repo existing =
        hub.find(repo).orElseGet(() -> hub.repo(repo, FakeHuggingFace.Visibility.PUBLIC));
    hub.file(existing, String.valueOf(file.getFileName()), Blob.of(Files.readAllBytes(file)));
  }

  private static Step step(String name) {
    return Step.valueOf(name.toUpperCase(Locale.ROOT));
  }
}
