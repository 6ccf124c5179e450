package athanor.torchfile;

import athanor.error.PrintableText;
import athanor.error.Problem;
import athanor.file.InputFile;
import athanor.file.RangeInputStream;
import athanor.progress.Cancellation;
import athanor.torchfile.pickle.PickleLimits;
import athanor.torchfile.zip.ZipDirectory;
import athanor.torchfile.zip.ZipEntry;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.CRC32;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;

/**
 * The records of a PyTorch archive: {@code <root>/data.pkl}, {@code <root>/data/<key>}, {@code
 * <root>/version} and {@code <root>/byteorder}. Entries elsewhere are ignored. Stricter than
 * PyTorch: one data.pkl only, no odd names, a checksum of data.pkl that is there must be right.
 * Laxer: the version may be missing.
 */
final class TorchArchive {
  private static final int NEWEST_VERSION = 10;
  private static final String PICKLE = "data.pkl";
  private static final int CHECKSUM_BLOCK = 1 << 16;

  private final InputFile file;
  private final String root;
  private final ZipEntry pickle;
  private final Map<String, ZipEntry> records;
  private final List<String> warnings = new ArrayList<>();

  private TorchArchive(InputFile file, ZipDirectory directory, ZipEntry pickle) {
    this.file = file;
    this.pickle = pickle;
    this.root = pickle.name().substring(0, pickle.name().length() - PICKLE.length());
    this.records = HashMap.newHashMap(directory.entries().size());
    int elsewhere = 0;
    for (ZipEntry entry : directory.entries()) {
      if (entry.name().startsWith(root)) {
        records.put(entry.name().substring(root.length()), entry);
      } else if (!entry.isFolder()) {
        elsewhere++;
      }
    }
    if (elsewhere > 0) {
      warnings.add(
          elsewhere
              + " archive entries outside of "
              + PrintableText.ofName(root)
              + " were ignored");
    }
    if (directory.bytesAfter() > 0) {
      warnings.add(directory.bytesAfter() + " bytes after the end of the archive were ignored");
    }
  }

  /**
   * Reads the directory of an archive and finds its records.
   *
   * @throws athanor.error.AthanorException of kind BAD_FILE if it is no sound archive, no PyTorch
   *     checkpoint, of an unknown version or big-endian
   */
  static TorchArchive open(InputFile file) {
    if (file.size() < 4 || !startsLikeArchive(file)) {
      throw Problem.badFile("this does not begin like a PyTorch checkpoint")
          .at(file.name() + ", byte 0")
          .expected("a zip entry")
          .help("the file is damaged or was changed; download it again")
          .toException();
    }
    ZipDirectory directory = ZipDirectory.read(file);
    var archive = new TorchArchive(file, directory, findPickle(file, directory.entries()));
    archive.refuseScript();
    archive.checkVersion();
    archive.checkByteOrder();
    return archive;
  }

  private static boolean startsLikeArchive(InputFile file) {
    byte[] start = file.readBytes(0, 4);
    return start[0] == 'P' && start[1] == 'K' && start[2] == 3 && start[3] == 4;
  }

  private static ZipEntry findPickle(InputFile file, List<ZipEntry> entries) {
    List<ZipEntry> pickles =
        entries.stream()
            .filter(entry -> entry.name().replace('\\', '/').endsWith("/" + PICKLE))
            .toList();
    if (pickles.isEmpty()) {
      ForeignArchive kind = ForeignArchive.of(entries);
      List<String> names =
          entries.stream().limit(3).map(e -> PrintableText.ofName(e.name())).toList();
      throw Problem.badFile("this is " + kind.what())
          .at(file.name())
          .found(names.isEmpty() ? "no entries" : String.join(", ", names))
          .help(kind.help())
          .toException();
    }
    ZipEntry pickle = pickles.getFirst();
    if (pickles.size() > 1) {
      throw bad(
              file,
              pickles.get(1),
              "there is another data.pkl: " + PrintableText.ofName(pickle.name()))
          .toException();
    }
    requireSafeName(file, pickle);
    if (pickle.name().indexOf('/') != pickle.name().length() - PICKLE.length() - 1) {
      throw bad(file, pickle, "data.pkl is not in a folder at the top of the archive")
          .toException();
    }
    return pickle;
  }

  private void refuseScript() {
    boolean script =
        records.containsKey("constants.pkl")
            || records.keySet().stream().anyMatch(name -> name.startsWith("code/"));
    if (script) {
      throw Problem.badFile("this is " + ForeignArchive.TORCHSCRIPT.what())
          .at(file.name())
          .help(ForeignArchive.TORCHSCRIPT.help())
          .toException();
    }
  }

  private void checkVersion() {
    Optional<String> version = smallText("version");
    if (version.isEmpty()) {
      warnings.add("the archive states no version; PyTorch itself refuses such a file");
    } else if (!version.get().matches("[1-9]|10")) {
      throw Problem.badFile("unknown version of the PyTorch file format")
          .at(file.name() + ", record version")
          .found(PrintableText.ofName(version.get()))
          .expected("1 to " + NEWEST_VERSION)
          .toException();
    }
  }

  private void checkByteOrder() {
    String order = smallText("byteorder").orElse("little");
    if (order.equals("big")) {
      throw Problem.badFile("the weights are stored big-endian")
          .at(file.name() + ", record byteorder")
          .help("load and save it with PyTorch on an ordinary (little-endian) machine")
          .toException();
    }
    if (!order.equals("little")) {
      throw Problem.badFile("unknown byte order")
          .at(file.name() + ", record byteorder")
          .found(PrintableText.ofName(order))
          .expected("little")
          .toException();
    }
  }

  private Optional<String> smallText(String record) {
    ZipEntry entry = records.get(record);
    if (entry == null) {
      return Optional.empty();
    }
    if (entry.size() > Limits.SMALL_RECORD_BYTES) {
      throw bad(file, entry, "it is too long").found(entry.size() + " bytes").toException();
    }
    String text = new String(content(entry), StandardCharsets.ISO_8859_1);
    return Optional.of(text.strip());
  }

  /** What is odd about the archive. */
  List<String> warnings() {
    return warnings;
  }

  /** The entry of the pickle. */
  ZipEntry pickle() {
    return pickle;
  }

  /** The storage of this key. */
  Optional<ZipEntry> storage(String key) {
    ZipEntry entry = records.get("data/" + key);
    if (entry == null || entry.isFolder()) {
      return Optional.empty();
    }
    requireSafeName(file, entry);
    if (entry.method() != ZipEntry.STORED) {
      throw bad(
              file,
              entry,
              entry.method() == ZipEntry.DEFLATED
                  ? "weights are compressed, which PyTorch never does"
                  : "weights are stored in the unknown way " + entry.method())
          .help("load and save it with PyTorch, or get the original file")
          .toException();
    }
    return Optional.of(entry);
  }

  /**
   * The bytes of the pickle, inflated if need be; their number is {@link #pickle()}'s size.
   *
   * @throws athanor.error.AthanorException of kind BAD_FILE if they are too many or their checksum
   *     is wrong; a checksum of 0 was never computed and is not compared
   */
  InputStream openPickle() {
    long most =
        pickle.method() == ZipEntry.STORED
            ? PickleLimits.PICKLE_BYTES
            : Limits.INFLATED_PICKLE_BYTES;
    if (pickle.size() > most) {
      throw bad(file, pickle, "the pickle is too long")
          .found(pickle.size() + " bytes")
          .expected("at most " + most)
          .toException();
    }
    if (pickle.method() == ZipEntry.STORED) {
      verifyChecksum(new RangeInputStream(file, pickle.position(), pickle.size()));
      return new RangeInputStream(file, pickle.position(), pickle.size());
    }
    byte[] inflated = content(pickle);
    verifyChecksum(new ByteArrayInputStream(inflated));
    return new ByteArrayInputStream(inflated);
  }

  private void verifyChecksum(InputStream content) {
    if (pickle.crc32() != 0 && crc32(content, new Cancellation()) != pickle.crc32()) {
      throw bad(file, pickle, "its checksum is wrong").toException();
    }
  }

  private int crc32(InputStream content, Cancellation cancellation) {
    var crc32 = new CRC32();
    byte[] block = new byte[CHECKSUM_BLOCK];
    try {
      for (int n = content.read(block); n >= 0; n = content.read(block)) {
        cancellation.check();
        crc32.update(block, 0, n);
      }
    } catch (IOException e) {
      throw bad(file, pickle, "it cannot be read").toException(e);
    }
    return (int) crc32.getValue();
  }

  /** Names of the entries of storages whose content does not have the stated checksum. */
  List<String> damagedStorages(Cancellation cancellation) {
    return records.entrySet().stream()
        .filter(record -> record.getKey().startsWith("data/"))
        .map(Map.Entry::getValue)
        .filter(entry -> entry.method() == ZipEntry.STORED && entry.crc32() != 0)
        .sorted(Comparator.comparingLong(ZipEntry::position))
        .filter(entry ->
            crc32(new RangeInputStream(file, entry.position(), entry.size()), cancellation)
                != entry.crc32())
        .map(entry -> PrintableText.ofName(entry.name()))
        .toList();
  }

  /** The whole content of an entry whose size was found acceptable. */
  private byte[] content(ZipEntry entry) {
    return switch (entry.method()) {
      case ZipEntry.STORED -> file.readBytes(entry.position(), (int) entry.size());
      case ZipEntry.DEFLATED -> inflate(entry);
      default ->
          throw bad(file, entry, "it is compressed in the unknown way " + entry.method())
              .toException();
    };
  }

  private byte[] inflate(ZipEntry entry) {
    boolean implausible =
        entry.size() > Limits.INFLATE_RATIO_FROM
            && entry.size() / Limits.INFLATE_RATIO > entry.storedSize();
    if (implausible) {
      throw bad(file, entry, "it inflates beyond all reason")
          .found(entry.storedSize() + " bytes that become " + entry.size())
          .toException();
    }
    var inflater = new Inflater(true);
    try (var stored = new RangeInputStream(file, entry.position(), entry.storedSize());
        var inflating = new InflaterInputStream(stored, inflater)) {
      byte[] content = inflating.readNBytes((int) entry.size());
      if (content.length != entry.size() || inflating.read() >= 0) {
        throw bad(file, entry, "it inflates to another size than stated").toException();
      }
      return content;
    } catch (IOException e) {
      throw bad(file, entry, "it cannot be inflated").toException(e);
    } finally {
      inflater.end();
    }
  }

  private static void requireSafeName(InputFile file, ZipEntry entry) {
    String name = entry.name().replace('\\', '/');
    boolean unsafe =
        name.startsWith("/")
            || name.indexOf(':') == 1
            || name.chars().anyMatch(Character::isISOControl)
            || List.of(name.split("/", -1)).contains("..");
    if (unsafe) {
      throw bad(file, entry, "it has a name that leads out of the archive").toException();
    }
  }

  private static Problem bad(InputFile file, ZipEntry entry, String what) {
    return Problem.badFile("unsound checkpoint: " + what)
        .at(file.name() + ", entry " + PrintableText.ofName(entry.name()))
        .help("the file is damaged or was changed; get it from its author");
  }
}
