package athanor.cli.option;

import athanor.cli.help.InGroup;
import athanor.cli.help.OptionGroup;
import athanor.cli.terminal.Screen;
import athanor.error.Problem;
import athanor.file.OutputTarget;
import athanor.format.OutputFormat;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where a result goes, and with how many workers: options of every command that writes a model. */
@InGroup(OptionGroup.RESULT)
public final class ResultOptions {
  @Option(
      names = {"--out", "-o", "--save_to", "--save-to"},
      paramLabel = "FILE",
      description = "The result, .safetensors or .ckpt.")
  private @Nullable String out;

  @Option(names = "--overwrite", description = "Replace the output if it exists.")
  private boolean overwrite;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Workers; default: one per processor. The result is the same.")
  private int threads = Runtime.getRuntime().availableProcessors();

  @InGroup(OptionGroup.KOHYA)
  @Option(
      names = "--device",
      paramLabel = "NAME",
      description = "Accepted for kohya's sake; the CPU does the work.")
  private @Nullable String device;

  public int threads() {
    return threads;
  }

  public boolean overwrite() {
    return overwrite;
  }

  /** The output that was asked for, unchecked. */
  public Optional<Path> out() {
    return Optional.ofNullable(out).map(Path::of);
  }

  /** The output if it is there already and may not be replaced. */
  public Optional<Path> finished() {
    return out().filter(path -> !overwrite && Files.isRegularFile(path));
  }

  /** Says that a wish for another device than the CPU has no effect. */
  public void noteDevice(Screen screen) {
    if (device != null && !device.equals("cpu")) {
      screen.note("--device " + device + " is accepted, but the CPU does the work");
    }
  }

  /**
   * The output, checked as far as it can be before anything is read.
   *
   * @param example a file name for the help line
   */
  public OutputTarget target(String example) {
    if (out == null) {
      throw Problem.usage("no output was given")
          .help("say where the result goes: --out " + example)
          .toException();
    }
    return target(Path.of(out));
  }

  /** An output at this place, checked as far as it can be before anything is read. */
  public OutputTarget target(Path place) {
    if (Files.isDirectory(place) || namesAFolder()) {
      throw OutputTarget.folder(place).toException();
    }
    if (place.toString().equals("-")) {
      throw Problem.usage("a result cannot go to standard output")
          .at("--out -")
          .help("give a file name, for example --out mine.safetensors")
          .toException();
    }
    OutputFormat.of(place);
    if (threads < 1) {
      throw Problem.usage("--threads must be at least 1").found(threads).toException();
    }
    return OutputTarget.of(place, overwrite);
  }

  /** Whether the name ends as only names of folders do, also of one that is not there. */
  private boolean namesAFolder() {
    return out != null && (out.endsWith("/") || out.endsWith(File.separator));
  }
}
