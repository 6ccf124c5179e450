package athanor.error;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/**
 * Finds the names that a mistyped one was probably meant to be, by the number of letters to insert,
 * delete, replace or swap with the neighbour. Letter case does not count.
 */
public final class NearestNames {
  private static final int LIMIT = 3;

  private NearestNames() {}

  /**
   * The nearest known names, at most three, nearest first; none when nothing comes close (more than
   * a third of the letters, or at least 2, would have to change).
   */
  public static List<String> of(String mistyped, Collection<String> known) {
    String wanted = mistyped.toLowerCase(Locale.ROOT);
    int tolerance = Math.max(2, wanted.length() / 3);
    return known.stream()
        .map(name -> new Candidate(name, distance(wanted, name.toLowerCase(Locale.ROOT))))
        .filter(candidate -> candidate.distance <= tolerance)
        .filter(candidate -> candidate.distance < wanted.length())
        .sorted(Comparator.comparingInt(Candidate::distance).thenComparing(Candidate::name))
        .limit(LIMIT)
        .map(Candidate::name)
        .toList();
  }

  private record Candidate(String name, int distance) {}

  /** Optimal string alignment distance. */
  private static int distance(String from, String to) {
    int[][] cost = new int[from.length() + 1][to.length() + 1];
    for (int i = 0; i <= from.length(); i++) {
      for (int j = 0; j <= to.length(); j++) {
        cost[i][j] = i == 0 || j == 0 ? i + j : cheapest(cost, from, to, i, j);
      }
    }
    return cost[from.length()][to.length()];
  }

  private static int cheapest(int[][] cost, String from, String to, int i, int j) {
    boolean same = from.charAt(i - 1) == to.charAt(j - 1);
    int best = cost[i - 1][j - 1] + (same ? 0 : 1);
    best = Math.min(best, 1 + Math.min(cost[i - 1][j], cost[i][j - 1]));
    boolean swapped =
        i > 1
            && j > 1
            && from.charAt(i - 1) == to.charAt(j - 2)
            && from.charAt(i - 2) == to.charAt(j - 1);
    return swapped ? Math.min(best, cost[i - 2][j - 2] + 1) : best;
  }
}
