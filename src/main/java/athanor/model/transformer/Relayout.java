package athanor.model.transformer;

import athanor.error.Problem;
import athanor.model.RelaidTensor;
import athanor.model.table.KeySet;
import athanor.tensor.DType;
import athanor.tensor.Rows.Run;
import athanor.tensor.Shape;
import athanor.tensor.TensorInfo;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Lays a denoiser out anew. Its modules get the names of another layout, fused ones are split and
 * split ones fused, by rows; everything else stays as it is.
 */
final class Relayout {
  private final KeySet keys;
  private final String prefix;
  private final String newPrefix;
  private final FilePieces pieces;
  private final ModuleTable modules;
  private final Set<String> moved = new HashSet<>();

  /**
   * A denoiser to be laid out anew.
   *
   * @param prefix what its keys begin with
   * @param newPrefix what they will begin with
   */
  Relayout(KeySet keys, String prefix, String newPrefix, FilePieces pieces, ModuleTable modules) {
    this.keys = keys;
    this.prefix = prefix;
    this.newPrefix = newPrefix;
    this.pieces = pieces;
    this.modules = modules;
  }

  /**
   * The tensors in a layout, in the order of their keys.
   *
   * @throws athanor.error.AthanorException of kind INCOMPATIBLE if a part of a fused module is
   *     missing, or stored in another type than the others
   */
  List<RelaidTensor> in(NameTable layout) {
    List<String> known =
        pieces.modules().stream().filter(module -> modules.find(module).isPresent()).toList();
    Map<String, RelaidTensor> relaid = new LinkedHashMap<>();
    for (LayoutTensor tensor : layout.tensors(known)) {
      add(tensor, relaid);
    }
    for (TensorInfo tensor : keys.tensors().values()) {
      if (!moved.contains(tensor.key())) {
        RelaidTensor same = same(tensor);
        relaid.put(same.output().key(), same);
      }
    }
    return relaid.keySet().stream().sorted().map(relaid::get).toList();
  }

  /** A tensor that no layout names: as it is, but with the new prefix if it has the old one. */
  private RelaidTensor same(TensorInfo tensor) {
    String key = tensor.key();
    if (newPrefix.equals(prefix) || !key.startsWith(prefix)) {
      return RelaidTensor.same(tensor);
    }
    String renamed = newPrefix + key.substring(prefix.length());
    return new RelaidTensor(
        new TensorInfo(renamed, tensor.dtype(), tensor.shape()),
        RelaidTensor.same(tensor).pieces());
  }

  private void add(LayoutTensor tensor, Map<String, RelaidTensor> relaid) {
    List<FilePieces.Part> parts = pieces.find(tensor.segments());
    if (parts.isEmpty()) {
      throw Problem.incompatible("a part of a fused module is missing")
          .at(prefix + tensor.name())
          .help("get the complete model")
          .toException();
    }
    List<RelaidTensor.Piece> weights = new ArrayList<>();
    List<RelaidTensor.Piece> biases = new ArrayList<>();
    for (FilePieces.Piece piece : FilePieces.inOrder(parts)) {
      weights.add(new RelaidTensor.Piece(piece.tensor(), piece.rows()));
      ParameterNames.weightOf(piece.tensor().key())
          .flatMap(module -> Optional.ofNullable(keys.tensors().get(module + ".bias")))
          .ifPresent(bias -> biases.add(new RelaidTensor.Piece(bias, piece.rows())));
    }
    List<String> names = tensor.keys();
    put(newPrefix + names.getFirst(), weights, tensor.shape(), relaid);
    if (biases.size() == weights.size()) {
      put(newPrefix + tensor.name() + ".bias", biases, Shape.of(tensor.shape().rows()), relaid);
    }
  }

  private void put(
      String key, List<RelaidTensor.Piece> from, Shape usual, Map<String, RelaidTensor> relaid) {
    DType dtype = from.getFirst().tensor().dtype();
    if (from.stream().anyMatch(piece -> piece.tensor().dtype() != dtype)) {
      throw Problem.incompatible("the parts of a fused module are stored in different types")
          .at(key)
          .found(dtype + " and others")
          .help("convert the model to one type first: --save_precision bf16")
          .toException();
    }
    from.forEach(piece -> moved.add(piece.tensor().key()));
    long[] dims = from.getFirst().tensor().shape().dims();
    if (dims.length > 0) {
      dims[0] = from.stream().mapToLong(piece -> piece.rows().count()).sum();
    }
    Shape stored = Shape.of(dims);
    boolean whole =
        from.size() == 1
            && from.getFirst().rows().equals(new Run(0, from.getFirst().tensor().shape().rows()));
    Shape shape = whole && stored.elementCount() == usual.elementCount() ? usual : stored;
    relaid.put(key, new RelaidTensor(new TensorInfo(key, dtype, shape), from));
  }
}
