package athanor.testkit.web.upload;

import athanor.testkit.web.Answer;
import athanor.testkit.web.Blob;
import athanor.testkit.web.FakeHuggingFace;
import athanor.testkit.web.FakeStorage;
import athanor.testkit.web.Repo;
import athanor.testkit.web.Repo.Stored;
import athanor.testkit.web.Routes.Handler;
import athanor.testkit.web.Seen;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Publishing to a fake Hugging Face Hub: adds the routes of the write side to it and to its
 * storage, and answers the questions of tests about what happened.
 */
public final class Publishing implements AutoCloseable {
  private final FakeHuggingFace hub;
  private final FakeStorage storage;
  private final UploadSettings settings = new UploadSettings();
  private final Troubles troubles = new Troubles();
  private final StoredObjects objects = new StoredObjects();
  private final Receiving receiving;

  /** Adds the write side to a hub and its storage. */
  public Publishing(FakeHuggingFace hub, FakeStorage storage) {
    this.hub = hub;
    this.storage = storage;
    receiving = new Receiving(storage, objects, troubles);
    var rights = new Rights(hub);
    var repos = new RepoRoutes(rights, settings);
    var lfs = new LfsRoutes(rights, objects, receiving, settings);
    route(Step.WHOAMI, "GET", "/api/whoami-v2", ask -> Answer.json(200, rights.user(ask).whoami()));
    route(Step.CREATE, "POST", "/api/repos/create", repos::create);
    route(Step.INFO, "GET", "/api/models/{repo}", repos::info);
    route(Step.INFO, "GET", "/api/models/{repo}/revision/{revision}", repos::infoOfRevision);
    route(Step.SETTINGS, "PUT", "/api/models/{repo}/settings", repos::settings);
    route(Step.AUTH_CHECK, "GET", "/api/models/{repo}/auth-check", repos::mayRead);
    route(Step.AUTH_CHECK, "GET", "/api/models/{repo}/auth-check/write", repos::mayWrite);
    route(Step.BRANCH, "POST", "/api/models/{repo}/branch/{revision}", repos::branch);
    route(Step.VALIDATE, "POST", "/api/validate-yaml", CardCheck::answer);
    route(
        Step.PREUPLOAD,
        "POST",
        "/api/models/{repo}/preupload/{revision}",
        new Preupload(rights)::answer);
    route(Step.BATCH, "POST", "/{repo}.git/info/lfs/objects/batch", lfs::batch);
    route(Step.VERIFY, "POST", "/{repo}.git/info/lfs/verify", lfs::verify);
    route(Step.COMPLETE, "POST", "/api/complete_multipart", lfs::complete);
    route(
        Step.COMMIT,
        "POST",
        "/api/models/{repo}/commit/{revision}",
        new CommitRoute(rights, objects)::answer);
  }

  private void route(Step step, String method, String path, Handler handler) {
    Handler refusing =
        ask -> {
          try {
            return handler.answer(ask);
          } catch (Refused e) {
            ask.bytes();
            return e.answer();
          }
        };
    hub.routes().add(method, path, troubles.around(step, refusing));
  }

  /** How this hub behaves where hubs differ. */
  public UploadSettings settings() {
    return settings;
  }

  /** What shall fail. */
  public Troubles troubles() {
    return troubles;
  }

  /** The objects that the hub has. */
  public StoredObjects objects() {
    return objects;
  }

  /** The storage that takes bodies. */
  public Receiving receiving() {
    return receiving;
  }

  /** Somebody else commits a file to {@code main}. */
  public void foreignCommit(Repo repo, String path, byte[] content) {
    synchronized (repo) {
      Repo.Commit head = repo.at("main").orElseThrow();
      Map<String, Stored> files = new LinkedHashMap<>(head.files());
      files.put(path, new Stored(Blob.of(content), false));
      repo.commit("main", head, "foreign commit", files);
    }
  }

  /** How many commits a repository has besides its first. */
  public int commits(String repo) {
    return hub.find(repo).map(each -> each.commits().size() - 1).orElse(0);
  }

  /** How often something of this kind was asked for, with any outcome. */
  public long requests(Step step) {
    return requestsOf(step).count();
  }

  /** Every request that means to change something: creates, uploads, commits. */
  public List<Seen> writes() {
    return Stream.of(
            Step.CREATE,
            Step.SETTINGS,
            Step.BRANCH,
            Step.PREUPLOAD,
            Step.BATCH,
            Step.PUT,
            Step.COMPLETE,
            Step.VERIFY,
            Step.COMMIT)
        .flatMap(this::requestsOf)
        .toList();
  }

  /** All requests of a kind in their order. */
  public Stream<Seen> requestsOf(Step step) {
    List<Seen> log = step == Step.PUT ? storage.log() : hub.log();
    return log.stream().filter(seen -> RequestKinds.of(seen) == step);
  }

  /** Whether any known token, or any credential at all, came to the storage. */
  public boolean tokenSeenAtStorage() {
    return storage.log().stream()
        .map(seen -> seen.target() + "\n" + seen.head())
        .anyMatch(text ->
            text.contains("uthorization: ")
                || text.contains("Cookie: ")
                || hub.tokens().secrets().stream().anyMatch(text::contains));
  }

  @Override
  public void close() {
    receiving.close();
  }
}
