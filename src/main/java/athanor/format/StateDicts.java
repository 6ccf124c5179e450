package athanor.format;

import athanor.error.AthanorException;
import athanor.file.InputFile;
import athanor.safetensors.SafetensorsFile;
import athanor.safetensors.ShardedSafetensors;
import athanor.tensor.StateDict;
import athanor.torchfile.TorchFile;
import athanor.torchfile.TorchLegacyFile;
import athanor.torchfile.TorchZipFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;

/** Opens whatever file holds a state dict. */
public final class StateDicts {
  private static final Set<String> SAFETENSORS_NAMES = Set.of("safetensors", "sft");
  private static final Set<String> TORCH_NAMES = Set.of("ckpt", "pt", "pth", "bin");
  private static final int WORTH_A_WARNING = 1 << 20;

  private StateDicts() {}

  /**
   * Opens a file by its content, whatever its name says, without a word about oddities.
   *
   * @throws athanor.error.AthanorException as {@link #open(Path, Consumer)}
   */
  public static StateDict open(Path path) {
    return open(path, note -> {});
  }

  /**
   * Opens a file by its content, whatever its name says: safetensors, the index of a model in
   * several files, a PyTorch checkpoint. Of the folder of a model in the layout of diffusers it
   * opens the denoiser.
   *
   * @param path the file, or the folder
   * @param notes receives oddities that do no harm, such as a name that promises another format, as
   *     sentences that are safe to show
   * @throws athanor.error.AthanorException of kind BAD_FILE if it is missing, unreadable, damaged
   *     or something else, then saying what it really is; further as {@link SafetensorsFile#open},
   *     {@link ShardedSafetensors#open}, {@link TorchZipFile#open} and {@link TorchLegacyFile#open}
   */
  public static StateDict open(Path path, Consumer<String> notes) {
    if (Files.isDirectory(path)) {
      Path weights =
          ModelFolder.denoiser(path)
              .orElseThrow(
                  () -> FileDoctor.examineFolder(path).problem(path.toString()).toException());
      return open(InputFile.open(weights), notes);
    }
    return open(InputFile.open(path), notes);
  }

  /**
   * Opens a file by its content. Closing the result closes the file, and so does a failure. Of a
   * remote file only the structure is read.
   *
   * @throws athanor.error.AthanorException as {@link #open(Path, Consumer)}
   */
  public static StateDict open(InputFile file, Consumer<String> notes) {
    try {
      FileDiagnosis diagnosis = FileDoctor.recognise(file);
      return switch (diagnosis.kind()) {
        case SAFETENSORS -> openSafetensors(file, notes);
        case SHARD_INDEX -> noted(ShardedSafetensors.open(file), file, notes);
        case TORCH_ZIP, TORCH_LEGACY -> openTorch(file, diagnosis.kind(), notes);
        default -> throw diagnosis.problem(file.name()).toException();
      };
    } catch (AthanorException e) {
      file.close();
      throw e;
    }
  }

  /**
   * Whether the structure of a file is in one place, so that a few requests read it from a server.
   * In PyTorch's old format it is spread over the whole file.
   *
   * @throws athanor.error.AthanorException if the file cannot be read
   */
  public static boolean isReadableInPlace(InputFile file) {
    return FileDoctor.recognise(file).kind() != FileKind.TORCH_LEGACY;
  }

  private static StateDict openSafetensors(InputFile file, Consumer<String> notes) {
    noteOtherName(file, SAFETENSORS_NAMES, TORCH_NAMES, FileKind.SAFETENSORS, notes);
    SafetensorsFile opened = SafetensorsFile.open(file);
    opened.header().notes().forEach(note -> notes.accept(file.name() + ": " + note));
    notePieces(file, notes);
    noteZeros(file, notes);
    return opened;
  }

  /**
   * Opens a model in several files that need not lie beside its index, and takes the index over.
   *
   * @param shards opens the file that the index calls by this name
   * @throws athanor.error.AthanorException as {@link ShardedSafetensors#open(InputFile, Function)}
   */
  public static StateDict openSharded(
      InputFile index, Function<String, InputFile> shards, Consumer<String> notes) {
    try {
      return noted(ShardedSafetensors.open(index, shards), index, notes);
    } catch (AthanorException e) {
      index.close();
      throw e;
    }
  }

  private static StateDict noted(
      ShardedSafetensors opened, InputFile file, Consumer<String> notes) {
    opened.notes().forEach(note -> notes.accept(file.name() + ": " + note));
    return opened;
  }

  private static StateDict openTorch(InputFile file, FileKind kind, Consumer<String> notes) {
    noteOtherName(file, TORCH_NAMES, SAFETENSORS_NAMES, kind, notes);
    TorchFile opened =
        kind == FileKind.TORCH_ZIP ? TorchZipFile.open(file) : TorchLegacyFile.open(file);
    opened.notes().oddities().forEach(note -> notes.accept(file.name() + ": " + note));
    return opened;
  }

  private static void noteOtherName(
      InputFile file, Set<String> own, Set<String> foreign, FileKind kind, Consumer<String> notes) {
    String name = file.name();
    String extension = name.substring(name.lastIndexOf('.') + 1);
    if (!own.contains(extension) && foreign.contains(extension)) {
      notes.accept(
          file.name()
              + ": the name says ."
              + extension
              + ", but this is "
              + kind.what()
              + "; it is read as such");
    }
  }

  /** Models in pieces are named {@code NAME-00001-of-00004.safetensors}. */
  private static void notePieces(InputFile file, Consumer<String> notes) {
    String stem = file.name().replace(".safetensors", "");
    int of = stem.lastIndexOf("-of-");
    if (of >= 6
        && isNumber(stem.substring(of + 4))
        && isNumber(stem.substring(of - 5, of))
        && stem.charAt(of - 6) == '-') {
      notes.accept(
          file.name()
              + ": this is one of the files of a larger model; give "
              + stem.substring(0, of - 6)
              + ".safetensors.index.json to read all of them");
    }
  }

  private static boolean isNumber(String text) {
    return text.length() == 5 && text.chars().allMatch(c -> c >= '0' && c <= '9');
  }

  private static void noteZeros(InputFile file, Consumer<String> notes) {
    if (file.size() > WORTH_A_WARNING && FileSample.of(file).tailIsZero()) {
      notes.accept(
          file.name()
              + ": the last 64 KiB are zeros; if the download was interrupted, download it again");
    }
  }
}
