package athanor.format;

import athanor.file.InputFile;
import athanor.safetensors.SafetensorsFile;
import athanor.tensor.StateDict;
import java.nio.file.Path;

/** Opens state dicts of any format that can be read. */
public final class StateDicts {
  private StateDicts() {}

  /** Opens a safetensors file. */
  public static StateDict open(Path path) {
    return SafetensorsFile.open(InputFile.open(path));
  }
}
