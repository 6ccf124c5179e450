package athanor.web.bench;

import athanor.error.Kind;
import athanor.error.Problem;
import athanor.progress.Cancellation;
import athanor.report.Event;
import athanor.report.Result;
import athanor.report.Shown;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** A job of the page, waiting, running or over. Thread-safe. */
final class BenchJob {
  private final int id;
  private final String kind;
  private final String title;
  private final Work work;
  private final Hearing hearing;
  private final Changes changes;
  private final Cancellation cancellation = new Cancellation();
  private State state = State.WAITING;
  private Optional<Problem> problem = Optional.empty();
  private Optional<Made> made = Optional.empty();

  /** What becomes of a job. */
  enum State {
    WAITING,
    RUNNING,
    DONE,
    FAILED,
    CANCELLED
  }

  /** What a job does. */
  interface Work {
    /**
     * Does it.
     *
     * @return what was made, if it is a file
     */
    Optional<Made> run(Hearing hearing, Cancellation cancellation);
  }

  /**
   * A file that was made.
   *
   * @param output where it is
   * @param sha256 of its bytes
   * @param inputs what went into it, with hashes
   * @param command what would make it again
   * @param recipe the same as a recipe, with hashes
   */
  public record Made(
      String output, Optional<String> sha256, List<Hash> inputs, String command, String recipe)
      implements Shown {}

  /**
   * An input with its hash.
   *
   * @param file its name
   * @param sha256 of its bytes
   */
  public record Hash(String file, Optional<String> sha256) implements Shown {}

  /**
   * A job as the page shows it.
   *
   * @param id its number
   * @param kind {@code bake} or {@code share}
   * @param title what it makes
   * @param state {@code waiting}, {@code running}, {@code done}, {@code failed} or {@code
   *     cancelled}
   * @param stage such as {@code downloading}
   * @param progress how far that is
   * @param notes sentences worth knowing
   * @param warnings what the user should know
   * @param leftover what is left of it, or would be if it were cancelled now
   * @param result what came out, as its command prints it
   * @param made the file that was made
   * @param problem why it failed
   */
  public record View(
      int id,
      String kind,
      String title,
      String state,
      String stage,
      Optional<Event.Advance> progress,
      List<String> notes,
      List<String> warnings,
      String leftover,
      Optional<Result> result,
      Optional<Made> made,
      Optional<Problem> problem)
      implements Shown {}

  BenchJob(int id, String kind, String title, Work work, Changes changes) {
    this.id = id;
    this.kind = kind;
    this.title = title;
    this.work = work;
    this.changes = changes;
    this.hearing = new Hearing(changes);
  }

  int id() {
    return id;
  }

  /** The file that it made. */
  synchronized Optional<Made> made() {
    return made;
  }

  /** Asks it to stop, or not to begin. */
  void cancel() {
    cancellation.request();
    synchronized (this) {
      if (state == State.WAITING) {
        state = State.CANCELLED;
      }
    }
    changes.happened();
  }

  /** Does it, unless it was cancelled while it waited. */
  void run() {
    synchronized (this) {
      if (state != State.WAITING) {
        return;
      }
      state = State.RUNNING;
    }
    changes.happened();
    try {
      Optional<Made> file = work.run(hearing, cancellation);
      end(State.DONE, Optional.empty(), file);
    } catch (RuntimeException | Error e) {
      Problem why = Failures.of(e);
      boolean stopped = why.kind() == Kind.CANCELLED || cancellation.isRequested();
      end(
          stopped ? State.CANCELLED : State.FAILED,
          stopped ? Optional.empty() : Optional.of(why),
          Optional.empty());
    }
  }

  private void end(State how, Optional<Problem> why, Optional<Made> file) {
    synchronized (this) {
      state = how;
      problem = why;
      made = file;
    }
    changes.happened();
  }

  synchronized View view() {
    Hearing.Heard heard = hearing.heard();
    return new View(
        id,
        kind,
        title,
        state.name().toLowerCase(Locale.ROOT),
        heard.stage(),
        heard.advance(),
        heard.notes(),
        heard.warnings(),
        heard.leftover().sentence(),
        heard.result(),
        made,
        problem);
  }
}
