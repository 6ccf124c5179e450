package athanor.model;

import athanor.tensor.DType;
import athanor.tensor.Shape;
import athanor.tensor.TensorInfo;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The keys of published checkpoints and the module names of kohya's trainers, listed by those
 * programs themselves and independent of the plans they are compared with.
 */
public final class KeyTable {
  private static final Pattern RANGE = Pattern.compile("\\{(\\d+)-(\\d+)}");

  private KeyTable() {}

  /** The tensors of the checkpoint {@code sd1}, {@code sd2} or {@code sdxl}, sorted by key. */
  public static List<TensorInfo> checkpoint(String name) {
    return rows(name + "-checkpoint.txt").stream()
        .map(r -> new TensorInfo(r[0], DType.parse(r[1]).orElseThrow(), shape(r[2])))
        .sorted(Comparator.comparing(TensorInfo::key))
        .toList();
  }

  /** A module with the shapes of its factors, rank left out. */
  record KohyaModule(String name, Shape down, Shape up) {
    long in() {
      return down.dim(0);
    }

    long out() {
      return up.dim(0);
    }

    ModuleDims dims() {
      return new ModuleDims(name, in(), out());
    }
  }

  /** The modules that kohya's trainer makes for {@code sd1}, {@code sd2} or {@code sdxl}. */
  static List<KohyaModule> kohyaModules(String name) {
    return rows(name + "-kohya-modules.txt").stream()
        .map(r -> new KohyaModule(r[0], shape(r[1].substring(2)), withoutRank(r[2])))
        .toList();
  }

  private static Shape withoutRank(String up) {
    return shape(up.replaceFirst("xR", ""));
  }

  private static Shape shape(String text) {
    return text.equals("scalar")
        ? Shape.of()
        : Shape.of(Arrays.stream(text.split("x")).mapToLong(Long::parseLong).toArray());
  }

  private static List<String[]> rows(String resource) {
    try (InputStream in = KeyTable.class.getResourceAsStream(resource)) {
      String text = new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
      var rows = new ArrayList<String[]>();
      text.lines().filter(line -> !line.startsWith("#")).forEach(line -> expand(line, rows));
      return rows;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void expand(String line, List<String[]> rows) {
    Matcher range = RANGE.matcher(line);
    if (!range.find()) {
      rows.add(line.split(" "));
      return;
    }
    for (int n = Integer.parseInt(range.group(1)); n <= Integer.parseInt(range.group(2)); n++) {
      rows.add((line.substring(0, range.start()) + n + line.substring(range.end())).split(" "));
    }
  }
}
