package athanor.model.transformer;

import athanor.tensor.Rows;
import athanor.tensor.Rows.Run;
import athanor.tensor.TensorInfo;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Where the rows of every module lie in a file, whatever the file's layout: some tensors hold a
 * module, some a part of it, some several.
 */
final class FilePieces {
  private final Map<String, List<Stretch>> byModule = new LinkedHashMap<>();
  private final Map<String, Integer> counts = new HashMap<>();
  private final ModuleTable modules;

  private FilePieces(ModuleTable modules) {
    this.modules = modules;
  }

  /**
   * A stretch of a module's rows.
   *
   * @param tensor the tensor that holds them
   * @param at the row of the tensor where they begin
   * @param rows which rows of the module they are
   */
  private record Stretch(TensorInfo tensor, long at, Run rows) {}

  /**
   * Rows of a tensor that are a part of something.
   *
   * @param tensor the tensor
   * @param rows its rows, in the order of the whole
   * @param of which rows of the whole they are, likewise
   */
  record Part(TensorInfo tensor, List<Run> rows, List<Run> of) {
    /** The rows of the tensor as one value. */
    Rows tensorRows() {
      return new Rows(tensor.key(), rows, tensor.shape().rows());
    }
  }

  /**
   * The pieces of a file.
   *
   * @param weights the weights of the denoiser by the names of their modules in the file
   * @param layout that of the file
   * @param modules those of the architecture
   */
  static FilePieces of(Map<String, TensorInfo> weights, NameTable layout, ModuleTable modules) {
    var pieces = new FilePieces(modules);
    weights.forEach((name, tensor) -> pieces.add(name, tensor, layout.find(name)));
    pieces
        .byModule
        .values()
        .forEach(list -> list.sort(Comparator.comparingLong(piece -> piece.rows().first())));
    return pieces;
  }

  private void add(String name, TensorInfo tensor, List<Segment> segments) {
    List<Segment> known = sizeOf(segments, tensor) == tensor.shape().rows() ? segments : List.of();
    if (known.isEmpty()) {
      put(name, tensor, 0, new Run(0, tensor.shape().rows()));
      return;
    }
    long at = 0;
    for (Segment segment : known) {
      for (Run run : runs(segment, known, tensor)) {
        put(segment.module(), tensor, at, run);
        at += run.count();
      }
    }
  }

  private long sizeOf(List<Segment> segments, TensorInfo tensor) {
    return segments.stream()
        .flatMap(segment -> runs(segment, segments, tensor).stream())
        .mapToLong(Run::count)
        .sum();
  }

  private List<Run> runs(Segment segment, List<Segment> all, TensorInfo tensor) {
    if (!segment.rows().isEmpty()) {
      return segment.rows();
    }
    long rows =
        all.size() == 1
            ? tensor.shape().rows()
            : modules.find(segment.module()).map(line -> line.shape().rows()).orElse(0L);
    return List.of(new Run(0, rows));
  }

  private void put(String module, TensorInfo tensor, long at, Run rows) {
    byModule.computeIfAbsent(module, key -> new ArrayList<>()).add(new Stretch(tensor, at, rows));
    NumberedNames.Numbered split = modules.numbers().split(module);
    split.number().ifPresent(number -> counts.merge(split.start(), number + 1, Math::max));
  }

  /**
   * Neighbouring rows of a tensor.
   *
   * @param tensor the tensor
   * @param rows its rows
   */
  record Piece(TensorInfo tensor, Run rows) {}

  /** The rows that parts consist of, in the order of the whole. */
  static List<Piece> inOrder(List<Part> parts) {
    var pieces = new TreeMap<Long, Piece>();
    for (Part part : parts) {
      for (int i = 0; i < part.rows().size(); i++) {
        pieces.put(part.of().get(i).first(), new Piece(part.tensor(), part.rows().get(i)));
      }
    }
    return List.copyOf(pieces.values());
  }

  /** The modules that the file has, or has a part of, in the order of the file. */
  Set<String> modules() {
    return byModule.keySet();
  }

  /** Whether the file has a module, or a part of it. */
  boolean has(String module) {
    return byModule.containsKey(module);
  }

  /** The inputs of a module; empty if the file does not have it, or it has none. */
  Optional<Long> columns(String module) {
    return Optional.ofNullable(byModule.get(module))
        .map(pieces -> pieces.getFirst().tensor().shape())
        .filter(shape -> shape.rank() > 1)
        .map(shape -> shape.dim(1));
  }

  /** How many blocks of a name the file has, counted by the largest number. */
  int blocks(String name) {
    return counts.getOrDefault(name + ".", 0);
  }

  /** How many blocks it has, by what their names begin with, the dot included. */
  Map<String, Integer> blocks() {
    return counts;
  }

  /**
   * Finds rows of modules.
   *
   * @param wanted what to find, in the order of its rows
   * @return the parts of tensors that they are, in this order; none if some of it is missing
   */
  List<Part> find(Collection<Segment> wanted) {
    var found = new ArrayList<Part>();
    long before = 0;
    for (Segment segment : wanted) {
      List<Stretch> pieces = byModule.getOrDefault(segment.module(), List.of());
      long all = pieces.stream().mapToLong(piece -> piece.rows().count()).sum();
      List<Run> runs = segment.rows().isEmpty() ? List.of(new Run(0, all)) : segment.rows();
      for (Run run : runs) {
        if (run.count() == 0 || !find(run, before, pieces, found)) {
          return List.of();
        }
        before += run.count();
      }
    }
    return joined(found);
  }

  private static boolean find(Run wanted, long before, List<Stretch> pieces, List<Part> found) {
    long missing = wanted.count();
    for (Stretch piece : pieces) {
      Run both = piece.rows().intersect(wanted);
      if (both.count() > 0) {
        long first = piece.at() + both.first() - piece.rows().first();
        long of = before + both.first() - wanted.first();
        found.add(
            new Part(
                piece.tensor(),
                List.of(new Run(first, both.count())),
                List.of(new Run(of, both.count()))));
        missing -= both.count();
      }
    }
    return missing == 0;
  }

  /** One part for each tensor. */
  private static List<Part> joined(List<Part> parts) {
    Map<String, Part> byTensor = new LinkedHashMap<>();
    for (Part part : parts) {
      byTensor.merge(
          part.tensor().key(),
          part,
          (one, other) ->
              new Part(
                  one.tensor(),
                  concatenated(one.rows(), other.rows()),
                  concatenated(one.of(), other.of())));
    }
    return List.copyOf(byTensor.values());
  }

  private static List<Run> concatenated(List<Run> one, List<Run> other) {
    var both = new ArrayList<>(one);
    both.addAll(other);
    return both;
  }
}
