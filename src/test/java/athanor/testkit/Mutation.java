package athanor.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import athanor.error.AthanorException;
import athanor.error.Kind;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Consumer;

/**
 * Small files, damaged at random: whatever a reader makes of them is an answer or a refusal with a
 * message. Never another exception, never an error of the Java machine, never a hang.
 */
public final class Mutation {
  private static final Duration LIMIT = Duration.ofSeconds(10);

  private Mutation() {}

  /** Gives a reader all seeds as they are, then so many damaged ones. */
  public static void check(String what, List<byte[]> seeds, int rounds, Consumer<byte[]> reader) {
    for (byte[] seed : seeds) {
      accept(seed, reader);
    }
    Gen gen = Gen.seeded("damaged " + what);
    for (int round = 0; round < rounds; round++) {
      byte[] damaged = damage(gen, seeds.get(gen.between(0, seeds.size() - 1)), seeds);
      long start = System.nanoTime();
      try {
        accept(damaged, reader);
      } catch (RuntimeException | Error e) {
        throw new AssertionError("round " + round + ": " + HexFormat.of().formatHex(damaged), e);
      }
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(LIMIT);
    }
  }

  /** Gives bytes to a reader that may refuse them, but only with a proper message. */
  public static void accept(byte[] bytes, Consumer<byte[]> reader) {
    try {
      reader.accept(bytes);
    } catch (AthanorException e) {
      assertThat(e.problem().kind()).isIn(Kind.BAD_FILE, Kind.INCOMPATIBLE);
      assertThat(e.problem().where()).isPresent();
    }
  }

  /** A copy with one to four bits, bytes or pieces changed, cut out, put in or cut off. */
  private static byte[] damage(Gen gen, byte[] seed, List<byte[]> seeds) {
    byte[] bytes = seed.clone();
    int times = gen.between(1, 4);
    for (int i = 0; i < times && bytes.length > 0; i++) {
      bytes = damageOnce(gen, bytes, gen.between(0, bytes.length - 1), seeds);
    }
    return bytes;
  }

  private static byte[] damageOnce(Gen gen, byte[] bytes, int at, List<byte[]> seeds) {
    switch (gen.between(0, 6)) {
      case 0 -> bytes[at] ^= (byte) (1 << gen.between(0, 7));
      case 1 -> bytes[at] = (byte) gen.anyLong();
      case 2 -> bytes[at] = gen.oneOf((byte) 0, (byte) -1, (byte) '{', (byte) '"', (byte) '9');
      case 3 -> {
        return Arrays.copyOf(bytes, at);
      }
      case 4 -> {
        return splice(bytes, at, Math.min(bytes.length, at + gen.between(0, 20)), new byte[0]);
      }
      case 5 -> {
        byte[] other = seeds.get(gen.between(0, seeds.size() - 1));
        int from = gen.between(0, Math.max(0, other.length - 1));
        int to = Math.min(other.length, from + gen.between(0, 30));
        return splice(bytes, at, at, Arrays.copyOfRange(other, from, to));
      }
      default -> Arrays.fill(bytes, at, Math.min(bytes.length, at + 4), (byte) -1);
    }
    return bytes;
  }

  private static byte[] splice(byte[] bytes, int from, int to, byte[] inserted) {
    byte[] result = new byte[bytes.length - (to - from) + inserted.length];
    System.arraycopy(bytes, 0, result, 0, from);
    System.arraycopy(inserted, 0, result, from, inserted.length);
    System.arraycopy(bytes, to, result, from + inserted.length, bytes.length - to);
    return result;
  }
}
