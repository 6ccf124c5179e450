package athanor.web.bench;

import athanor.analysis.Rules;
import athanor.error.Problem;
import athanor.job.session.AnalyzeJob;
import athanor.job.session.JobSettings;
import athanor.recipe.InputRequest;
import athanor.recipe.LoraRequest;
import athanor.recipe.MergeRequest;
import athanor.report.Event;
import athanor.report.LoraAnalysis;
import athanor.report.Shown;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Measures in the background what the LoRAs on the page do. They are measured at ratio 1, with the
 * other weights of their parts, so that the page can say what any ratios come to. Thread-safe.
 */
public final class Analyst implements AutoCloseable {
  private final Changes changes;
  private final Latest latest = new Latest("analysis");
  private Optional<Measured> measured = Optional.empty();
  private Optional<Asked> asked = Optional.empty();
  private Optional<Hearing> running = Optional.empty();
  private Optional<Problem> problem = Optional.empty();
  private boolean paused;
  private int version;

  /** What is, or is being, measured: the base, and the LoRAs without their ratios. */
  private record Asked(Optional<InputRequest> base, List<LoraRequest> loras) {}

  /**
   * What was measured.
   *
   * @param version another for each measurement
   * @param items the number of the input that each LoRA of the analysis is
   * @param limits the thresholds of rules of thumb
   * @param analysis as {@code analyze} prints it
   */
  public record Measured(int version, List<Integer> items, Limits limits, LoraAnalysis analysis)
      implements Shown {}

  /**
   * The thresholds of rules of thumb, as {@code analyze} has them.
   *
   * @param strong the total push from which results are often overdone
   * @param risky the total push from which they often break
   * @param alike the cosine above which two LoRAs are called alike
   * @param against the cosine below which they are said to fight
   */
  public record Limits(double strong, double risky, double alike, double against) implements Shown {
    static final Limits RULES =
        new Limits(Rules.STRONG_PUSH, Rules.RISKY_PUSH, Rules.ALIKE, Rules.AGAINST);
  }

  /**
   * Whether it is known what the LoRAs do.
   *
   * @param state {@code none}, {@code running}, {@code ready} or {@code failed}
   * @param version of what was measured last; 0 if nothing was
   * @param progress how far it is
   * @param problem why it failed
   */
  public record State(
      String state, int version, Optional<Event.Advance> progress, Optional<Problem> problem)
      implements Shown {}

  Analyst(Changes changes) {
    this.changes = changes;
  }

  synchronized State state() {
    String word =
        running.isPresent()
            ? "running"
            : problem.isPresent() ? "failed" : measured.isPresent() ? "ready" : "none";
    return new State(
        word,
        measured.map(Measured::version).orElse(0),
        running.flatMap(hearing -> hearing.heard().advance()),
        problem);
  }

  synchronized Optional<Measured> measured() {
    return measured;
  }

  /** Nothing that was measured is about what is on the page now. */
  synchronized void forget() {
    pause();
    measured = Optional.empty();
    problem = Optional.empty();
  }

  /** Stops measuring, so that other work is not slowed down. */
  synchronized void pause() {
    latest.cancel();
    if (running.isPresent()) {
      running = Optional.empty();
      asked = Optional.empty();
      paused = true;
    }
  }

  /** Whether measuring was stopped before it was done. */
  synchronized boolean isPaused() {
    return paused;
  }

  /**
   * Measures the LoRAs of a merge, unless that was done.
   *
   * @param items the number of each
   * @param request the merge, all of whose files are on this computer
   */
  synchronized void measure(List<Integer> items, MergeRequest request, JobSettings world) {
    var now = new Asked(request.base(), request.loras().stream().map(Analyst::atRatioOne).toList());
    if (isKnown(now)) {
      return;
    }
    asked = Optional.of(now);
    paused = false;
    problem = Optional.empty();
    var hearing = new Hearing(changes);
    running = Optional.of(hearing);
    var alone =
        new MergeRequest(
            request.base(),
            now.loras(),
            Optional.empty(),
            false,
            request.options(),
            request.method(),
            false);
    latest.run(cancellation -> {
      try {
        var report = new AnalyzeJob(alone, Path.of("analysis"), world).run(hearing, cancellation);
        end(hearing, Optional.of(LoraAnalysis.of(report)), items, Optional.empty());
      } catch (RuntimeException | Error e) {
        end(hearing, Optional.empty(), items, Optional.of(Failures.of(e)));
      }
    });
  }

  /** Whether all of it was measured, or is being measured, perhaps with more. */
  private boolean isKnown(Asked now) {
    if (asked.isEmpty() || problem.isPresent()) {
      return false;
    }
    Set<LoraRequest> known = new HashSet<>(asked.get().loras());
    return asked.get().base().equals(now.base()) && known.containsAll(now.loras());
  }

  private static LoraRequest atRatioOne(LoraRequest lora) {
    return lora.with(lora.strength().withRatios(1, Optional.empty()));
  }

  private void end(
      Hearing hearing, Optional<LoraAnalysis> found, List<Integer> items, Optional<Problem> why) {
    synchronized (this) {
      if (running.isEmpty() || running.get() != hearing) {
        return;
      }
      running = Optional.empty();
      problem = why;
      measured = found.map(analysis -> new Measured(++version, items, Limits.RULES, analysis));
    }
    changes.happened();
  }

  @Override
  public void close() {
    latest.close();
  }
}
