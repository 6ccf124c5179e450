package athanor.hub.upload;

import athanor.error.AthanorException;
import athanor.error.Kind;
import athanor.error.Problem;
import athanor.hub.upload.Publication.Fate;
import athanor.hub.upload.Publication.Published;
import athanor.net.FileHash;
import athanor.net.Url;
import athanor.progress.Progress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** One upload, from the files here to the look at what arrived. Used by one thread. */
final class Upload implements AutoCloseable {
  /** A commit carries small files in its text; what is larger goes to the storage in any case. */
  private static final long MOST_IN_COMMIT = 16 << 20;

  private final Api api;
  private final UploadPermission permission;
  private final Path states;
  private final Progress progress;
  private final List<OpenedItem> sources = new ArrayList<>();
  private final List<Published> fates = new ArrayList<>();
  private final List<CommittedFile> changes = new ArrayList<>();
  private final Map<String, String> hashes = new HashMap<>();
  private long sentBytes;

  Upload(
      Api api,
      UploadPermission permission,
      List<UploadItem> items,
      Path states,
      Progress progress) {
    this.api = api;
    this.permission = permission;
    this.states = states;
    this.progress = progress;
    requireDistinct(items);
    try {
      items.forEach(item -> sources.add(OpenedItem.open(item)));
    } catch (AthanorException e) {
      close();
      throw e;
    }
  }

  private static void requireDistinct(List<UploadItem> items) {
    Set<String> paths = new HashSet<>();
    for (UploadItem item : items) {
      if (!paths.add(item.path())) {
        throw Problem.usage("two files would get the same path in the repository")
            .found(item.path())
            .help("rename one, or upload them one by one with --path-in-repo")
            .toException();
      }
    }
  }

  /** What would become of the items; sends nothing. */
  Publication plan() {
    if (permission.exists()) {
      compare(Preupload.of(api, permission, sources, false));
    } else {
      sources.forEach(source -> note(source, Optional.empty(), Fate.PUBLISHED));
    }
    return publication(Optional.empty());
  }

  /** Publishes the items. */
  Publication run() {
    new RepositoryCreation(api).ensure(permission);
    Preupload preupload = Preupload.of(api, permission, sources, true);
    compare(preupload);
    if (changes.isEmpty()) {
      return publication(Optional.empty());
    }
    sendLargeFiles();
    sources.forEach(source -> source.file().verifyUnchanged());
    String parent =
        preupload
            .head()
            .orElseGet(() ->
                new Repositories(api).head(permission.repo(), permission.request().revision()));
    Commit.Made made = commit(parent);
    verify(made);
    return publication(Optional.of(made));
  }

  private void compare(Preupload preupload) {
    for (OpenedItem source : sources) {
      Preupload.FileAnswer answer = preupload.files().get(source.path());
      if (answer == null) {
        throw new IllegalStateException("a preupload without " + source.path());
      }
      if (answer.ignored()) {
        note(source, Optional.empty(), Fate.IGNORED);
        api.notice(source.path() + ": " + Fate.IGNORED.label());
      } else if (source.keepExisting() && answer.present().isPresent()) {
        note(source, Optional.empty(), Fate.KEPT);
      } else {
        CommittedFile change = isLarge(source, answer) ? large(source) : small(source);
        boolean same = answer.present().equals(Optional.of(change.tag()));
        Optional<String> sha256 =
            change instanceof CommittedFile.Large ? Optional.of(change.tag()) : Optional.empty();
        note(source, sha256, same ? Fate.UNCHANGED : Fate.PUBLISHED);
        if (!same) {
          changes.add(change);
        }
      }
    }
  }

  private static boolean isLarge(OpenedItem source, Preupload.FileAnswer answer) {
    return source.size() > 0 && (answer.large() || source.size() > MOST_IN_COMMIT);
  }

  private static CommittedFile small(OpenedItem source) {
    byte[] content = source.bytes();
    return new CommittedFile.Small(
        source.path(), Base64.getEncoder().encodeToString(content), OpenedItem.gitSha1(content));
  }

  private CommittedFile large(OpenedItem source) {
    return new CommittedFile.Large(
        source.path(), source.sha256().orElseGet(() -> hash(source)), source.file());
  }

  private String hash(OpenedItem source) {
    String known = hashes.get(source.path());
    if (known != null) {
      return known;
    }
    progress.begin("hashing " + source.file().name(), source.size(), 0);
    try {
      String hash = FileHash.sha256(source.file(), progress, api.cancellation());
      hashes.put(source.path(), hash);
      return hash;
    } finally {
      progress.end();
    }
  }

  private void note(OpenedItem source, Optional<String> sha256, Fate fate) {
    String url =
        permission.page()
            + "/blob/"
            + Url.encode(permission.request().revision())
            + "/"
            + Url.encodePath(source.path());
    fates.add(new Published(source.path(), source.size(), sha256, fate, url));
  }

  private void sendLargeFiles() {
    var objects = new ObjectUpload(api, new Batch(api, permission), states, progress);
    Set<String> done = new HashSet<>();
    for (CommittedFile change : changes) {
      if (change instanceof CommittedFile.Large large && done.add(large.tag())) {
        try {
          sentBytes += objects.send(stateName(large.tag()), large.tag(), large.file());
        } finally {
          progress.end();
        }
      }
    }
  }

  private Path stateName(String oid) {
    String key = api.page(permission.repo()) + "\n" + oid;
    String hash = OpenedItem.gitSha1(key.getBytes(StandardCharsets.UTF_8));
    return Path.of(hash + ".jsonl");
  }

  /** If the Hub has lost an object, or the repository was made anew, it is sent again, once. */
  private Commit.Made commit(String parent) {
    try {
      return new Commit(api, permission, changes, parent).make();
    } catch (Commit.MissingObject e) {
      api.notice("the Hub misses a file that was sent; sending it again");
      sendLargeFiles();
    }
    try {
      return new Commit(api, permission, changes, parent).make();
    } catch (Commit.MissingObject e) {
      throw e.problem()
          .help("run again; if it stays so, use the Hub's own program, hf upload")
          .toException();
    }
  }

  /** Looks at what the Hub has now. */
  private void verify(Commit.Made made) {
    var repositories = new Repositories(api);
    for (CommittedFile change : changes) {
      Repositories.Stored stored =
          repositories.awaited(
              permission.repo(), made.oid(), change.path(), wrong(change, made, "nothing"));
      if (stored.tag().isEmpty()) {
        api.notice(change.path() + ": the Hub tells no hash to compare with");
      } else if (!stored.tag().equals(change.tag())) {
        throw wrong(change, made, stored.tag()).toException();
      } else if (change instanceof CommittedFile.Large large
          && stored.size().orElse(large.file().size()) != large.file().size()) {
        throw wrong(change, made, stored.size().getAsLong() + " bytes").toException();
      }
    }
  }

  private static Problem wrong(CommittedFile change, Commit.Made made, String found) {
    return Problem.of(Kind.VERIFICATION, "the Hub shows another file than was sent")
        .at(change.path() + " at commit " + made.oid())
        .found(found)
        .expected(change.tag())
        .help("look at " + made.url());
  }

  private Publication publication(Optional<Commit.Made> made) {
    return new Publication(
        permission.repo(),
        permission.page(),
        made.map(Commit.Made::oid),
        made.map(Commit.Made::url),
        made.flatMap(Commit.Made::pullRequest),
        fates,
        sentBytes);
  }

  @Override
  public void close() {
    sources.forEach(OpenedItem::close);
  }
}
