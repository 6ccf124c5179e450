package athanor.torchfile;

import athanor.torchfile.zip.ZipEntry;
import java.util.List;
import java.util.function.Predicate;

/** Archives that are no PyTorch checkpoint, told by the names in them. */
enum ForeignArchive {
  TORCHSCRIPT(
      "a TorchScript program, not a checkpoint",
      "save the model's state_dict() with PyTorch",
      name -> name.endsWith("/constants.pkl") || name.contains("/code/")),
  NUMPY(
      "a NumPy archive (.npz)",
      "convert it to safetensors with Python",
      name -> name.endsWith(".npy")),
  OFFICE(
      "an office document",
      "look for the model's own download",
      name -> name.equals("[Content_Types].xml") || name.equals("mimetype")),
  JAVA(
      "a Java program (.jar)",
      "look for the model's own download",
      name -> name.equals("META-INF/MANIFEST.MF")),
  DIFFUSERS(
      "a zipped diffusers folder",
      "unpack it, and give the files inside",
      name -> name.endsWith("model_index.json")),
  ZIPPED_MODEL(
      "a zip archive with models inside",
      "unpack it, and give the file inside",
      name -> name.endsWith(".safetensors") || name.endsWith(".ckpt") || name.endsWith(".pt")),
  OTHER(
      "a zip archive, but not a PyTorch checkpoint: it has no data.pkl",
      "unpack it, and look inside",
      _ -> true);

  private final String what;
  private final String help;
  private final Predicate<String> telltale;

  ForeignArchive(String what, String help, Predicate<String> telltale) {
    this.what = what;
    this.help = help;
    this.telltale = telltale;
  }

  /** The first kind of which an entry tells. */
  static ForeignArchive of(List<ZipEntry> entries) {
    for (ForeignArchive kind : values()) {
      if (entries.stream().anyMatch(entry -> kind.telltale.test(entry.name()))) {
        return kind;
      }
    }
    return OTHER;
  }

  String what() {
    return what;
  }

  String help() {
    return help;
  }
}
