package athanor.format;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Tells zip files apart by the entry names that their beginning and end show. */
final class ZipSample {
  private static final int LOCAL_HEADER = 0x04034b50;
  private static final int CENTRAL_HEADER = 0x02014b50;
  private static final int END_RECORD = 0x06054b50;
  private static final int END_RECORD_64 = 0x06064b50;
  private static final int SHOWN_NAMES = 5;

  private final ByteBuffer head;
  private final ByteBuffer tail;
  private final Set<String> names = new LinkedHashSet<>();

  private ZipSample(FileSample sample) {
    this.head = ByteBuffer.wrap(sample.head()).order(ByteOrder.LITTLE_ENDIAN);
    this.tail = ByteBuffer.wrap(sample.tail()).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** What kind of zip file this is; empty if it does not begin as one. */
  static Optional<FileDiagnosis> diagnose(FileSample sample) {
    if (!sample.has(0, 'P', 'K', 3, 4) && !sample.has(0, 'P', 'K', 5, 6)) {
      return Optional.empty();
    }
    var zip = new ZipSample(sample);
    if (!zip.hasEnd()) {
      return Optional.of(
          FileDiagnosis.of(
              sample.endsInZeros(1024) ? FileKind.ZIP_ZERO_TAIL : FileKind.ZIP_TRUNCATED));
    }
    zip.readFirstName();
    zip.readCentralNames();
    FileKind kind = zip.kind();
    boolean listNames = kind == FileKind.ZIP || kind == FileKind.ZIP_WITH_MODEL;
    return Optional.of(FileDiagnosis.of(kind).withFact(listNames ? zip.firstNames() : ""));
  }

  private boolean hasEnd() {
    for (int at = tail.capacity() - 22; at >= 0; at--) {
      if (tail.getInt(at) == END_RECORD) {
        return true;
      }
    }
    return false;
  }

  private void readFirstName() {
    if (head.capacity() >= 30 && head.getInt(0) == LOCAL_HEADER) {
      addName(head, 30, Short.toUnsignedInt(head.getShort(26)));
    }
  }

  /** The central directory may begin before the tail: its last entries are enough. */
  private void readCentralNames() {
    for (int at = 0; at + 46 <= tail.capacity(); at++) {
      if (tail.getInt(at) == CENTRAL_HEADER && chainEndsWell(at)) {
        return;
      }
    }
  }

  private boolean chainEndsWell(int start) {
    int at = start;
    while (at + 46 <= tail.capacity() && tail.getInt(at) == CENTRAL_HEADER) {
      at = nextEntry(at);
    }
    boolean ends =
        at + 4 <= tail.capacity()
            && (tail.getInt(at) == END_RECORD || tail.getInt(at) == END_RECORD_64);
    for (int entry = start; ends && entry < at; entry = nextEntry(entry)) {
      addName(tail, entry + 46, Short.toUnsignedInt(tail.getShort(entry + 28)));
    }
    return ends;
  }

  private int nextEntry(int at) {
    return at
        + 46
        + Short.toUnsignedInt(tail.getShort(at + 28))
        + Short.toUnsignedInt(tail.getShort(at + 30))
        + Short.toUnsignedInt(tail.getShort(at + 32));
  }

  private void addName(ByteBuffer bytes, int at, int length) {
    if (at + length <= bytes.capacity()) {
      byte[] name = new byte[length];
      bytes.get(at, name);
      names.add(new String(name, StandardCharsets.UTF_8));
    }
  }

  private FileKind kind() {
    boolean pickle = names.stream().anyMatch(name -> name.endsWith("/data.pkl"));
    boolean script =
        names.stream().anyMatch(name -> name.endsWith("/constants.pkl") || name.contains("/code/"));
    if (script) {
      return FileKind.TORCHSCRIPT;
    }
    if (pickle) {
      return FileKind.TORCH_ZIP;
    }
    if (!names.isEmpty() && names.stream().allMatch(name -> name.endsWith(".npy"))) {
      return FileKind.NPZ;
    }
    return names.stream().anyMatch(ZipSample::isModelName) ? FileKind.ZIP_WITH_MODEL : FileKind.ZIP;
  }

  private static boolean isModelName(String name) {
    return name.endsWith(".safetensors")
        || name.endsWith(".ckpt")
        || name.endsWith(".pt")
        || name.endsWith(".pth")
        || name.endsWith(".bin");
  }

  private String firstNames() {
    String shown = names.stream().limit(SHOWN_NAMES).collect(Collectors.joining(", "));
    return names.isEmpty() ? "" : "it holds " + shown + (names.size() > SHOWN_NAMES ? " …" : "");
  }
}
