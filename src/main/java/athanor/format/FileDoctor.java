package athanor.format;

import athanor.error.AthanorException;
import athanor.error.Problem;
import athanor.file.InputFile;
import athanor.safetensors.SafetensorsHeader;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Optional;

/** Finds out what a file really is; the answers are {@link FileDiagnosis}. */
final class FileDoctor {
  private static final int SHOWN_BYTES = 8;

  private FileDoctor() {}

  static FileDiagnosis examine(Path path) {
    if (Files.isDirectory(path)) {
      return examineFolder(path);
    }
    try (InputFile file = InputFile.open(path)) {
      return examine(file);
    }
  }

  static FileDiagnosis examine(InputFile file) {
    FileDiagnosis diagnosis = recognise(file);
    if (diagnosis.kind() == FileKind.SAFETENSORS) {
      diagnosis = checkHeader(file, diagnosis);
    }
    return diagnosis;
  }

  /** What a folder is. */
  static FileDiagnosis examineFolder(Path folder) {
    if (Files.exists(folder.resolve("model_index.json"))) {
      return FileDiagnosis.of(FileKind.DIFFUSERS_FOLDER);
    }
    boolean safari = UnfinishedDownload.fileName(folder).endsWith(".download");
    return FileDiagnosis.of(safari ? FileKind.SAFARI_DOWNLOAD : FileKind.FOLDER);
  }

  /** What a file is by its beginning, end, size, name and neighbours; no header is checked. */
  static FileDiagnosis recognise(InputFile file) {
    if (file.isHere() && UnfinishedDownload.hasControlFile(file.path())) {
      return FileDiagnosis.of(FileKind.UNFINISHED_DOWNLOAD);
    }
    FileDiagnosis diagnosis = byContent(FileSample.of(file), file.name());
    boolean suspect =
        diagnosis.kind().group() == FileKind.Group.DAMAGED || diagnosis.kind() == FileKind.UNKNOWN;
    return suspect
        ? UnfinishedDownload.byName(file.path()).map(diagnosis::withWhy).orElse(diagnosis)
        : diagnosis;
  }

  private static FileDiagnosis byContent(FileSample sample, String name) {
    if (sample.size() == 0) {
      return FileDiagnosis.of(FileKind.EMPTY);
    }
    if (name.endsWith(".aria2") && sample.has(0, 0, 1)) {
      return FileDiagnosis.of(FileKind.ARIA2_CONTROL);
    }
    if (looksLikeSafetensors(sample)) {
      return FileDiagnosis.of(FileKind.SAFETENSORS);
    }
    return ZipSample.diagnose(sample)
        .or(() -> Signatures.find(sample).map(FileDiagnosis::of))
        .or(() -> pickle(sample))
        .or(() -> JsonSample.diagnose(sample))
        .or(() -> TextSample.diagnose(sample))
        .orElseGet(() -> byRemains(sample));
  }

  private static Optional<FileDiagnosis> pickle(FileSample sample) {
    return Signatures.isPickle(sample)
        ? Optional.of(FileDiagnosis.of(FileKind.PICKLE))
        : Optional.empty();
  }

  private static FileDiagnosis byRemains(FileSample sample) {
    if (sample.size() < 8) {
      return FileDiagnosis.of(FileKind.TOO_SHORT);
    }
    if (sample.headIsZero()) {
      return FileDiagnosis.of(FileKind.ALL_ZERO)
          .withFact(sample.tailIsZero() ? "" : "at least its beginning was never written");
    }
    if (Signatures.isOnnx(sample)) {
      return FileDiagnosis.of(FileKind.ONNX);
    }
    return FileDiagnosis.of(FileKind.UNKNOWN)
        .withFact(
            "it begins with the bytes "
                + HexFormat.ofDelimiter(" ").formatHex(sample.head(), 0, SHOWN_BYTES));
  }

  /** A header length in range, and an opening brace after JSON's blanks. */
  private static boolean looksLikeSafetensors(FileSample sample) {
    if (sample.size() < 10) {
      return false;
    }
    long length = ByteBuffer.wrap(sample.head()).order(ByteOrder.LITTLE_ENDIAN).getLong();
    if (length < 2 || length > SafetensorsHeader.MAX_LENGTH) {
      return false;
    }
    int at = 8;
    while (at < sample.head().length && " \t\r\n".indexOf(sample.head()[at]) >= 0) {
      at++;
    }
    return at < sample.head().length && sample.head()[at] == '{';
  }

  private static FileDiagnosis checkHeader(InputFile file, FileDiagnosis sound) {
    try {
      SafetensorsHeader.read(file);
      return sound;
    } catch (AthanorException e) {
      Problem problem = e.problem();
      FileDiagnosis damaged =
          FileDiagnosis.of(FileKind.SAFETENSORS_DAMAGED).withFact(withoutPlace(problem));
      damaged = problem.help().map(damaged::withHelp).orElse(damaged);
      Optional<String> unfinished = UnfinishedDownload.byName(file.path());
      return unfinished.map(damaged::withWhy).orElse(damaged);
    }
  }

  private static String withoutPlace(Problem problem) {
    return new Problem(
            problem.kind(),
            problem.what(),
            Optional.empty(),
            problem.found(),
            problem.expected(),
            Optional.empty())
        .line();
  }
}
