package athanor.torchfile;

import athanor.error.PrintableText;
import athanor.error.Problem;
import athanor.file.InputFile;
import athanor.torchfile.pickle.PickleFindings;
import athanor.torchfile.pickle.PickleValue;
import athanor.torchfile.pickle.PickleValue.Sequence;
import athanor.torchfile.pickle.PickleValue.StorageReference;
import athanor.torchfile.pickle.PickleValue.Text;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The storages at the end of a checkpoint of the old format: for each key of a list its length, as
 * 8 bytes, and its values. Found by passing over them once.
 */
final class LegacyStorages implements StorageTable {
  private final Map<String, Place> places;
  private final List<String> warnings;
  private final PickleFindings findings;

  private LegacyStorages(
      Map<String, Place> places, List<String> warnings, PickleFindings findings) {
    this.places = places;
    this.warnings = warnings;
    this.findings = findings;
  }

  /**
   * Indexes the storages.
   *
   * @param start byte of the file where they begin
   * @param keys the last pickle, which must be a list of texts
   * @param references what the checkpoint says of its storages
   * @throws athanor.error.AthanorException of kind BAD_FILE if keys and references do not match, a
   *     length is not the stated one, or the file is cut off
   */
  static LegacyStorages index(
      InputFile file,
      long start,
      PickleValue keys,
      List<StorageReference> references,
      PickleFindings findings) {
    Map<String, StorageReference> expected = byKey(references, findings);
    if (!(keys instanceof Sequence list)) {
      throw findings.problem("the list of storages is " + keys.kind()).toException();
    }
    Map<String, Place> places = new HashMap<>();
    long position = start;
    for (PickleValue item : list.items()) {
      if (!(item instanceof Text key) || expected.get(key.text()) == null) {
        throw findings.problem("the list of storages names an unknown one").toException();
      }
      StorageReference reference = expected.get(key.text());
      long length = reference.length() * reference.width();
      requireBytes(file, position, Long.BYTES);
      long stated =
          ByteBuffer.wrap(file.readBytes(position, Long.BYTES))
              .order(ByteOrder.LITTLE_ENDIAN)
              .getLong();
      if (stated != reference.length()) {
        throw findings
            .problem("a storage has another length than the pickle states")
            .at(file.name() + ", byte " + position)
            .found(stated)
            .expected(reference.length())
            .toException();
      }
      position += Long.BYTES;
      requireBytes(file, position, length);
      if (places.put(key.text(), new Place(position, length)) != null) {
        throw findings
            .problem("a storage occurs twice")
            .found(PrintableText.ofName(key.text()))
            .toException();
      }
      position += length;
    }
    long after = file.size() - position;
    List<String> warnings =
        after == 0 ? List.of() : List.of(after + " bytes after the last storage were ignored");
    return new LegacyStorages(places, warnings, findings);
  }

  private static Map<String, StorageReference> byKey(
      List<StorageReference> references, PickleFindings findings) {
    Map<String, StorageReference> byKey = new HashMap<>();
    for (StorageReference reference : references) {
      StorageReference first = byKey.putIfAbsent(reference.key(), reference);
      if (first != null
          && (first.type() != reference.type() || first.length() != reference.length())) {
        throw findings
            .problem("a storage is used as two different ones")
            .found(PrintableText.ofName(reference.key()))
            .toException();
      }
    }
    return byKey;
  }

  private static void requireBytes(InputFile file, long position, long length) {
    if (length > file.size() - position) {
      Problem problem =
          Problem.badFile("the file is cut off")
              .at(file.name())
              .found(file.size() + " bytes")
              .expected("more than " + position + " + " + length)
              .help("the download is incomplete; download it again");
      throw problem.toException();
    }
  }

  /** What is odd about the end of the file. */
  List<String> warnings() {
    return warnings;
  }

  @Override
  public Place find(StorageReference reference) {
    Place place = places.get(reference.key());
    if (place == null) {
      throw findings
          .problem("the values of a tensor are missing")
          .at(findings.where() + ", storage " + PrintableText.ofName(reference.key()))
          .toException();
    }
    return place;
  }
}
