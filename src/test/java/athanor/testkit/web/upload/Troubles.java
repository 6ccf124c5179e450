package athanor.testkit.web.upload;

import athanor.testkit.web.Answer;
import athanor.testkit.web.Ask;
import athanor.testkit.web.Routes.Handler;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** Troubles that wait for their requests; each meets one and is gone. */
public final class Troubles {
  private final List<Waiting> waiting = new ArrayList<>();

  private record Waiting(Step step, Predicate<Ask> which, Trouble trouble) {}

  /** The next request of this kind fails. */
  public void next(Step step, Trouble trouble) {
    next(step, 1, trouble);
  }

  /** The next so many requests of this kind fail. */
  public void next(Step step, int times, Trouble trouble) {
    for (int i = 0; i < times; i++) {
      add(new Waiting(step, ask -> true, trouble));
    }
  }

  /** The next PUT of this part, counted from 1, fails. */
  public void part(int number, Trouble trouble) {
    part(number, 1, trouble);
  }

  /** The next so many PUTs of this part, counted from 1, fail. */
  public void part(int number, int times, Trouble trouble) {
    String wanted = Integer.toString(number);
    for (int i = 0; i < times; i++) {
      add(
          new Waiting(
              Step.PUT,
              ask -> ask.query("partNumber").filter(wanted::equals).isPresent(),
              trouble));
    }
  }

  private synchronized void add(Waiting trouble) {
    waiting.add(trouble);
  }

  /** Whether every trouble has met its request. */
  public synchronized boolean allMet() {
    return waiting.isEmpty();
  }

  /** No more troubles. */
  public synchronized void clear() {
    waiting.clear();
  }

  /** A handler that fails when it shall. */
  Handler around(Step step, Handler proper) {
    return ask -> {
      Trouble trouble = take(step, ask);
      return trouble.meet(ask, proper);
    };
  }

  private synchronized Trouble take(Step step, Ask ask) {
    for (Waiting each : waiting) {
      if (each.step() == step && each.which().test(ask)) {
        waiting.remove(each);
        return each.trouble();
      }
    }
    return Troubles::none;
  }

  private static Answer none(Ask ask, Handler proper) throws IOException {
    return proper.answer(ask);
  }
}
