package athanor.format;

import athanor.error.Problem;
import athanor.safetensors.SafetensorsLayout;
import athanor.tensor.StateDictLayout;
import athanor.tensor.TensorInfo;
import athanor.torchfile.TorchLayout;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/** The file formats that can be written, chosen by the extension of the output. */
public enum OutputFormat {
  SAFETENSORS(".safetensors"),
  CKPT(".ckpt");

  private final String extension;

  OutputFormat(String extension) {
    this.extension = extension;
  }

  /**
   * The format that a file name asks for.
   *
   * @throws athanor.error.AthanorException of kind USAGE if it has no extension or another one
   */
  public static OutputFormat of(Path output) {
    String name = Objects.requireNonNullElse(output.getFileName(), output).toString();
    String lower = name.toLowerCase(Locale.ROOT);
    for (OutputFormat format : values()) {
      if (lower.endsWith(format.extension) && lower.length() > format.extension.length()) {
        return format;
      }
    }
    boolean none = name.lastIndexOf('.') <= 0;
    throw Problem.usage(
            none ? "the output name has no extension" : "the output name has an unknown extension")
        .at(output.toString())
        .expected(".safetensors or .ckpt")
        .help("write " + (none ? name : name.substring(0, name.lastIndexOf('.'))) + ".safetensors")
        .toException();
  }

  /**
   * The layout of an output in this format.
   *
   * @param tensors in the order in which they are stored
   * @param metadata text metadata; a .ckpt has no place for it
   * @throws athanor.error.AthanorException of kind INCOMPATIBLE if the format cannot hold a tensor
   */
  public StateDictLayout layout(List<TensorInfo> tensors, Map<String, String> metadata) {
    return switch (this) {
      case SAFETENSORS -> SafetensorsLayout.inOrder(tensors, metadata);
      case CKPT -> TorchLayout.stateDict(tensors);
    };
  }
}
