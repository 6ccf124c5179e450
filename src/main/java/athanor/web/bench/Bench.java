package athanor.web.bench;

import athanor.card.CardOptions;
import athanor.error.AthanorException;
import athanor.error.Problem;
import athanor.file.OutputTarget;
import athanor.hub.Hub;
import athanor.hub.LinkOrigin;
import athanor.hub.Service;
import athanor.hub.upload.RepoId;
import athanor.hub.upload.UploadRequest;
import athanor.hub.upload.Visibility;
import athanor.job.CommandLineText;
import athanor.job.Rebuilding;
import athanor.job.RecipeFolder;
import athanor.job.input.InputFolders;
import athanor.job.input.RemoteInputs;
import athanor.job.inspect.SortedInput;
import athanor.job.publish.CardChoice;
import athanor.job.publish.PublishJob;
import athanor.job.publish.PublishSettings;
import athanor.job.session.JobListener;
import athanor.job.session.JobSettings;
import athanor.job.session.MergeJob;
import athanor.job.session.MergeResult;
import athanor.merge.plan.Strength;
import athanor.net.Secret;
import athanor.progress.Cancellation;
import athanor.recipe.InputRequest;
import athanor.recipe.LoraRequest;
import athanor.recipe.MergeRequest;
import athanor.recipe.yaml.RecipeFile;
import athanor.tensor.StateDict;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * One merge in the making, as somebody puts it together on a page, and the jobs that come of it.
 * Inputs are looked at and judged in the background whenever they change. Thread-safe.
 */
public final class Bench implements AutoCloseable {
  private static final int LOOKED_AT_ONCE = 4;
  private static final double HALF = 0.5;

  private final JobSettings settings;
  private final Changes changes = new Changes();
  private final JobQueue queue = new JobQueue(changes);
  private final Latest checking = new Latest("check");
  private final Analyst analyst;
  private final ExecutorService looking = Executors.newVirtualThreadPerTaskExecutor();
  private final Semaphore turns = new Semaphore(LOOKED_AT_ONCE);
  private final Cancellation end = new Cancellation();

  private Mix mix = Mix.EMPTY;
  private int lastId;
  private Path folder;
  private Optional<Verdict> verdict = Optional.empty();
  private List<String> notes = List.of();
  private List<TokenState> tokens;

  /**
   * An empty bench.
   *
   * @param settings the world around
   * @param folder where results go until another is chosen
   */
  public Bench(JobSettings settings, Path folder) {
    this.settings = settings;
    this.folder = folder.toAbsolutePath().normalize();
    this.analyst = new Analyst(changes);
    this.tokens = TokenState.all(settings);
  }

  /** What is on the page now. */
  public synchronized BenchState state() {
    Optional<MergeRequest> request = mix.request();
    return new BenchState(
        changes.count(),
        folder.toString(),
        mix.items().stream().map(item -> item.view(mix.base())).toList(),
        mix.extras(),
        verdict,
        analyst.state(),
        request
            .filter(asked -> mix.isPlain())
            .map(asked -> CommandLineText.merge(asked, Path.of(BenchState.NAME))),
        request.flatMap(Bench::recipe),
        queue.views(),
        tokens,
        notes);
  }

  private static Optional<String> recipe(MergeRequest request) {
    try {
      return Optional.of(RecipeFile.of(request, BenchState.NAME).toYaml());
    } catch (AthanorException e) {
      return Optional.empty();
    }
  }

  /**
   * Waits until the state is another.
   *
   * @param seen the version of the last state
   * @param millis how long at most
   * @return the version of the state now
   */
  public long await(long seen, long millis) throws InterruptedException {
    return changes.await(seen, millis);
  }

  /** What the LoRAs do, if it was measured. */
  public Optional<Analyst.Measured> analysis() {
    return analyst.measured();
  }

  /**
   * Adds what a text asks for; a recipe replaces everything.
   *
   * @throws AthanorException as {@link PastedText#read}; of kind BAD_FILE if a recipe cannot be
   *     read or one of its files is nowhere
   */
  public void paste(String text) {
    List<String> said = new ArrayList<>();
    var asked = new PastedText(settings.home(), folders(), said::add).read(text);
    if (asked.recipe().isPresent()) {
      Path file = asked.recipe().get();
      MergeRequest request = RecipeFolder.read(file).request();
      open(new InputFolders(with(InputFolders.of(file))).find(request));
    }
    for (LoraRequest input : asked.inputs()) {
      add(input, said);
    }
    say(said);
  }

  private synchronized void add(LoraRequest input, List<String> said) {
    boolean there =
        mix.items().stream().anyMatch(item -> item.asked().input().equals(input.input()));
    if (there) {
      said.add(input.input().shown() + " is here already");
      return;
    }
    var item = new Item(++lastId, input);
    change(mix.with(item));
    look(item);
  }

  /** Replaces everything by a merge that a file describes. */
  private synchronized void open(MergeRequest request) {
    List<Item> items = new ArrayList<>();
    request
        .base()
        .ifPresent(base -> items.add(new Item(++lastId, new LoraRequest(base, Strength.FULL))));
    Optional<Integer> base = items.stream().map(Item::id).findFirst();
    request.mix().forEach(mixed -> items.add(new Item(++lastId, mixed)));
    request.loras().forEach(lora -> items.add(new Item(++lastId, lora)));
    change(Mix.of(items, base, request));
    items.forEach(this::look);
  }

  /**
   * Opens the recipe that an input holds.
   *
   * @throws AthanorException of kind BAD_FILE if it holds none, or one of its files is nowhere
   */
  public void openRecipe(int id) {
    InputRequest input = item(id).asked().input();
    var listener = JobListener.NONE;
    try (RemoteInputs remote = settings.inputs(listener, end)) {
      Path place = remote.locate(input.text()).getFirst();
      List<Path> near = input.isLink() ? folders() : with(InputFolders.of(place));
      try (StateDict file = remote.open(place, note -> {})) {
        open(Rebuilding.request(Rebuilding.recipeIn(file), new InputFolders(near)));
      }
    }
  }

  private List<Path> with(Path first) {
    return Stream.concat(Stream.of(first), folders().stream()).distinct().toList();
  }

  /** Where files are looked for: beside those that are here, and where results go. */
  public synchronized List<Path> folders() {
    Set<Path> all = new LinkedHashSet<>();
    mix.items().stream()
        .map(item -> item.asked().input())
        .filter(input -> !input.isLink())
        .forEach(input -> all.add(InputFolders.of(input.path())));
    all.add(folder);
    return List.copyOf(all);
  }

  private void look(Item item) {
    looking.execute(() -> {
      turns.acquireUninterruptibly();
      try (RemoteInputs remote = inputs()) {
        SortedInput found = SortedInput.of(remote, item.asked().input().text());
        replace(item.id(), old -> old.found(found));
      } catch (RuntimeException | Error e) {
        replace(item.id(), old -> old.failed(Failures.of(e)));
      } finally {
        turns.release();
      }
    });
  }

  private RemoteInputs inputs() {
    return world().inputs(JobListener.NONE, end);
  }

  /** The settings of jobs, by who gave the links. */
  private synchronized JobSettings world() {
    return mix.opened().isPresent() ? settings.withLinksOf(LinkOrigin.FILE) : settings;
  }

  private synchronized void replace(int id, UnaryOperator<Item> change) {
    change(mix.with(id, change));
  }

  private synchronized Item item(int id) {
    return mix.items().stream()
        .filter(item -> item.id() == id)
        .findFirst()
        .orElseThrow(() -> Problem.usage("this input is not here any more").toException());
  }

  /**
   * Gives a LoRA other ratios; nothing is judged again.
   *
   * @throws AthanorException of kind USAGE if there is no such input or a ratio is not finite
   */
  public synchronized void weigh(int id, double ratio, Optional<Double> te) {
    if (!Double.isFinite(ratio) || !te.map(Double::isFinite).orElse(true)) {
      throw Problem.usage("a ratio is a finite number").toException();
    }
    item(id);
    mix = mix.with(id, item -> item.with(ratio, te));
    changes.happened();
  }

  /** Takes an input in, or leaves it out. */
  public void turn(int id, boolean on) {
    item(id);
    replace(id, item -> item.with(on));
  }

  /** Removes an input. */
  public synchronized void remove(int id) {
    item(id);
    change(mix.without(id));
  }

  /** Makes a checkpoint the base. */
  public synchronized void chooseBase(int id) {
    item(id);
    change(mix.withBase(id));
  }

  /** Mixes a checkpoint into the base, half and half. */
  public synchronized void mixIn(int id) {
    item(id);
    change(mix.with(id, item -> item.mixed(HALF)));
  }

  /** Removes all inputs; jobs stay. */
  public synchronized void clear() {
    change(Mix.EMPTY);
  }

  /**
   * Chooses where results go.
   *
   * @throws AthanorException of kind USAGE if it is no folder
   */
  public synchronized void chooseFolder(Path chosen) {
    if (!Files.isDirectory(chosen)) {
      throw Problem.usage("this is no folder").at(chosen.toString()).toException();
    }
    folder = chosen;
    judge();
    changes.happened();
  }

  private void say(List<String> sentences) {
    synchronized (this) {
      notes = List.copyOf(sentences);
    }
    changes.happened();
  }

  /** Called with the lock held. */
  private void change(Mix next) {
    boolean same = next.request().equals(mix.request()) && next.isKnown() == mix.isKnown();
    mix = next;
    if (!same) {
      judge();
    }
    changes.happened();
  }

  /** Judges what is here, unless some of it is not looked at yet. Called with the lock held. */
  private void judge() {
    checking.cancel();
    Optional<MergeRequest> request = mix.request();
    if (request.isEmpty() || !mix.isKnown()) {
      verdict = Optional.empty();
      if (request.isEmpty()) {
        analyst.forget();
      }
      return;
    }
    List<Integer> rows = mix.rows();
    var hearing = new Hearing(changes);
    verdict = Optional.of(Verdict.of(true, rows, hearing, Optional.empty()));
    Path output = folder.resolve(BenchState.NAME);
    JobSettings world = world();
    checking.run(cancellation -> {
      Optional<Problem> problem = Optional.empty();
      try {
        new MergeJob(request.get(), OutputTarget.of(output, true), world)
            .judge(hearing, cancellation);
      } catch (RuntimeException | Error e) {
        problem = Optional.of(Failures.of(e));
      }
      judged(cancellation, Verdict.of(false, rows, hearing, problem), request.get());
    });
  }

  private synchronized void judged(Cancellation cancellation, Verdict now, MergeRequest request) {
    if (cancellation.isRequested()) {
      return;
    }
    verdict = Optional.of(now);
    if (now.problem().isEmpty() && now.isAllHere() && !request.loras().isEmpty()) {
      analyst.measure(now.items(), request, world());
    } else {
      analyst.forget();
    }
    changes.happened();
  }

  /**
   * Puts the merge into the queue.
   *
   * @param name of the result; without a folder
   * @param replace whether a file of that name may be replaced
   * @throws AthanorException of kind USAGE if there is nothing to merge, the name is none or is
   *     taken
   */
  public synchronized int bake(String name, boolean replace) {
    MergeRequest request =
        mix.request()
            .orElseThrow(() -> Problem.usage("there is nothing to bake yet").toException());
    OutputTarget target = OutputTarget.of(folder.resolve(ResultName.of(name)), replace);
    JobSettings world = world();
    boolean plain = mix.isPlain();
    analyst.pause();
    return queue.add(
        "bake",
        String.valueOf(target.path().getFileName()),
        (hearing, cancellation) -> {
          try {
            MergeResult result =
                new MergeJob(request, target.hashed(), world)
                    .withHashes()
                    .run(hearing, cancellation);
            return Optional.of(Bakings.made(request, result, plain));
          } finally {
            baked();
          }
        });
  }

  /** What was downloaded is here now, and there is time to measure again. */
  private synchronized void baked() {
    boolean isNew = verdict.filter(known -> !known.isAllHere()).isPresent();
    if (!end.isRequested() && (isNew || analyst.isPaused())) {
      judge();
    }
  }

  /**
   * Puts publishing a file that a job made into the queue.
   *
   * @param job the job
   * @param repo {@code USER/REPO}
   * @param visibility who may see it
   * @param license identifier of the licence
   * @throws AthanorException of kind USAGE if the job made no file, or repository or licence is
   *     none
   */
  public int share(int job, String repo, Visibility visibility, Optional<String> license) {
    String file =
        queue
            .at(job)
            .made()
            .map(BenchJob.Made::output)
            .orElseThrow(() -> Problem.usage("this job made no file").toException());
    RepoId place = RepoId.parse(repo);
    var wanted =
        new PublishSettings(
            place,
            visibility,
            false,
            UploadRequest.MAIN,
            Optional.empty(),
            new CardChoice.Made(new CardOptions(Optional.of(place), license).license(), false));
    var publishing = PublishJob.ofMerged(Path.of(file), wanted, settings);
    return queue.add(
        "share",
        Path.of(file).getFileName() + " → " + place,
        (hearing, cancellation) -> {
          publishing.run(hearing, cancellation);
          return Optional.empty();
        });
  }

  /**
   * Cancels a job.
   *
   * @throws AthanorException of kind USAGE if there is none of this number
   */
  public void cancel(int job) {
    queue.at(job).cancel();
  }

  /**
   * Checks a token with its service and stores it; what needed it is looked at again.
   *
   * @throws AthanorException of kind NETWORK if the service refuses it
   */
  public void login(Service service, String token) {
    try (Hub hub = settings.hub(note -> {})) {
      Secret secret = Secret.of(token);
      hub.check(service, secret, "the page", end);
      hub.credentials().store(service, secret);
    }
    synchronized (this) {
      tokens = TokenState.all(settings);
    }
    retry();
  }

  /** Looks at everything again that could not be read. */
  public synchronized void retry() {
    List<Item> unread =
        mix.items().stream().filter(item -> item.view(mix.base()).problem().isPresent()).toList();
    for (Item item : unread) {
      mix = mix.with(item.id(), Item::again);
      look(item);
    }
    if (unread.isEmpty()) {
      judge();
    }
    changes.happened();
  }

  /** Cancels all work and waits until it has cleaned up behind itself. */
  @Override
  public void close() {
    end.request();
    checking.close();
    analyst.close();
    looking.shutdown();
    queue.close();
  }
}
