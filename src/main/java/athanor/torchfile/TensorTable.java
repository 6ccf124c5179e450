package athanor.torchfile;

import athanor.error.AthanorException;
import athanor.error.PrintableText;
import athanor.error.Problem;
import athanor.file.InputFile;
import athanor.torchfile.pickle.PickleFindings;
import athanor.torchfile.pickle.PickleValue;
import athanor.torchfile.pickle.PickleValue.Global;
import athanor.torchfile.pickle.PickleValue.StorageReference;
import athanor.torchfile.pickle.PickleValue.Strided;
import athanor.torchfile.pickle.PickleValue.TensorReference;
import athanor.torchfile.pickle.PickleValue.Unreadable;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Turns the state dict that was found into tensors with places in the file: each is checked, and
 * all together may not be much larger than the file.
 */
final class TensorTable {
  private final InputFile file;
  private final PickleFindings findings;
  private final StorageTable storages;
  private final Map<String, StorageReference> firstReference = new HashMap<>();
  private final List<StoredTensor> tensors = new ArrayList<>();
  private final List<String> otherEntries = new ArrayList<>();

  private TensorTable(InputFile file, PickleFindings findings, StorageTable storages) {
    this.file = file;
    this.findings = findings;
    this.storages = storages;
  }

  /**
   * The tensors of a state dict, in the order in which their values are stored.
   *
   * @param otherEntries keys of entries that are not tensors
   */
  record Tensors(List<StoredTensor> tensors, List<String> otherEntries) {}

  /**
   * Checks every entry of a state dict.
   *
   * @param mostBytes bytes that the tensors may have together
   * @throws AthanorException of kind BAD_FILE if a tensor cannot be read, is not what it claims, or
   *     depends on the result of a dangerous call
   */
  static Tensors check(
      InputFile file,
      PickleFindings findings,
      StorageTable storages,
      PickleValue.Mapping stateDict,
      long mostBytes) {
    var table = new TensorTable(file, findings, storages);
    if (stateDict.tensorUnderMalformedText()) {
      throw findings
          .problem("a tensor has a key that is not proper Unicode (a lone surrogate)")
          .toException();
    }
    stateDict.entries().forEach(table::add);
    table.requireReasonableSize(mostBytes);
    table.tensors.sort(Comparator.comparingLong(StoredTensor::position));
    return new Tensors(List.copyOf(table.tensors), table.otherEntries);
  }

  private void add(String key, PickleValue value) {
    Optional<Global> danger = value.dangerousName();
    if (danger.isPresent()) {
      throw findings.refusal(danger.get());
    }
    if (!(value instanceof TensorReference tensor)) {
      otherEntries.add(PrintableText.ofName(key));
      return;
    }
    if (key.getBytes(StandardCharsets.UTF_8).length > Limits.KEY_BYTES) {
      throw bad(key, "its key is longer than " + Limits.KEY_BYTES + " bytes").toException();
    }
    switch (tensor.description().orElse(new Unreadable("it is never described"))) {
      case Unreadable(String reason) -> throw bad(key, reason).toException();
      case Strided strided -> add(key, strided);
    }
  }

  private void add(String key, Strided strided) {
    StorageReference reference = strided.storage();
    StorageReference first = firstReference.putIfAbsent(reference.key(), reference);
    if (first != null && first.type() != reference.type() && reference.length() > 0) {
      throw bad(key, "its storage is also used as another type")
          .found("storage " + PrintableText.ofName(reference.key()))
          .toException();
    }
    StorageTable.Place place = storages.find(reference);
    try {
      tensors.add(StoredTensor.of(key, strided, place.position(), place.length()));
    } catch (StoredTensor.Unsound e) {
      throw bad(key, String.valueOf(e.getMessage())).toException();
    }
  }

  private Problem bad(String key, String reason) {
    Problem problem =
        findings
            .problem("a tensor cannot be read: " + reason)
            .at(file.name() + ", tensor " + PrintableText.ofName(key));
    return problem.help().isPresent()
        ? problem
        : problem.help("load and save the checkpoint with PyTorch, or get the original file");
  }

  private void requireReasonableSize(long mostBytes) {
    long bytes = 0;
    for (StoredTensor tensor : tensors) {
      long next = tensor.info().byteSize();
      if (next > mostBytes - bytes) {
        throw findings
            .problem("the tensors are far larger than the file; it repeats stored values")
            .at(file.name())
            .found("more than " + mostBytes + " bytes of tensors")
            .expected("at most " + Limits.EXPANSION + " times the file's " + file.size() + " bytes")
            .toException();
      }
      bytes += next;
    }
  }
}
