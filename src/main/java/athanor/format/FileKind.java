package athanor.format;

/**
 * Everything that people have been seen to pass as a model, with what to tell them: what it is, why
 * that happens, what to do. A table of knowledge; {@link FileDiagnosis} adds the facts of one file.
 */
public enum FileKind {
  SAFETENSORS(Group.MODEL, "a safetensors file", "", ""),
  SHARD_INDEX(
      Group.MODEL,
      "the index of a model in several safetensors files",
      "",
      "keep the files it names beside it"),
  TORCH_ZIP(Group.MODEL, "a PyTorch checkpoint", "", ""),
  TORCH_LEGACY(Group.MODEL, "a PyTorch checkpoint in the format before version 1.6", "", ""),

  EMPTY(Group.DAMAGED, "an empty file", Why.FAILED_DOWNLOAD, Help.AGAIN),
  TOO_SHORT(Group.DAMAGED, "a file of only a few bytes", Why.FAILED_DOWNLOAD, Help.AGAIN),
  ALL_ZERO(
      Group.DAMAGED,
      "a file of zeros",
      "space was reserved for a download that never filled it (aria2, torrent, disk error)",
      Help.AGAIN),
  SAFETENSORS_DAMAGED(
      Group.DAMAGED, "a damaged safetensors file", "it was cut off or altered", Help.AGAIN),
  ZIP_TRUNCATED(
      Group.DAMAGED,
      "a PyTorch checkpoint or zip archive without its end",
      "the download was cut off",
      Help.AGAIN),
  ZIP_ZERO_TAIL(
      Group.DAMAGED,
      "a PyTorch checkpoint or zip archive that ends in zeros",
      "space was reserved for a download that was cut off",
      Help.AGAIN),
  UNFINISHED_DOWNLOAD(
      Group.DAMAGED,
      "an unfinished download",
      "aria2 keeps its control file beside a download until it is complete",
      "let aria2 finish (aria2c --continue); if you know that the file is complete, delete the"
          + " .aria2 file"),
  ARIA2_CONTROL(
      Group.DAMAGED,
      "a control file of the downloader aria2",
      "it lies beside a download that is not finished",
      "finish the download and give the file without .aria2"),

  HTML(
      Group.NOT_A_MODEL,
      "a web page",
      "the link needs a login or a licence click, or is the page about the model instead of its"
          + " download address",
      "open the link in a browser, log in or accept the licence, and copy the address of the"
          + " download button"),
  HTML_BLOB(
      Group.NOT_A_MODEL,
      "a web page of the Hugging Face Hub about a file",
      "the address contained /blob/, which shows a page",
      "replace /blob/ by /resolve/ in the address and download again"),
  XML_ERROR(
      Group.NOT_A_MODEL,
      "an error message of a download server",
      "the download link has expired or is forbidden",
      "get a fresh link and download again"),
  JSON_ERROR(
      Group.NOT_A_MODEL,
      "an error message of a web site",
      "the download was refused",
      "log in, or give the download your API key, then download again"),
  TEXT_ERROR(
      Group.NOT_A_MODEL,
      "an error message of a web site",
      "the name or the token is wrong, or the model's licence was not accepted",
      "check the address, accept the licence on the model's page, use a token, then download"
          + " again"),
  LFS_POINTER(
      Group.NOT_A_MODEL,
      "a Git LFS pointer, not the model itself",
      "the repository was cloned without Git LFS",
      "run: git lfs install && git lfs pull, or download the file from the web page"),
  XET_POINTER(
      Group.NOT_A_MODEL,
      "a Xet pointer, not the model itself",
      "the repository was cloned without its large files",
      "download the file from the web page, or with: hf download"),
  MODEL_CONFIG(
      Group.NOT_A_MODEL,
      "a configuration file (JSON) without weights",
      "model folders hold it beside the weights",
      "give the .safetensors file beside it"),
  JSON(Group.NOT_A_MODEL, "a JSON file", "", Help.CHECK_NAME),
  FOLDER(Group.NOT_A_MODEL, "a folder", "", "give the model file inside it"),
  DIFFUSERS_FOLDER(
      Group.NOT_A_MODEL,
      "a model folder of diffusers",
      "diffusers keeps unet, vae and text encoders in files of their own",
      "give a single-file checkpoint, as the model's page offers under Files"),
  SAFARI_DOWNLOAD(
      Group.NOT_A_MODEL,
      "an unfinished download of Safari",
      "Safari keeps downloads in a folder until they are complete",
      "wait until the download has finished"),

  TORCHSCRIPT(
      Group.UNSUPPORTED,
      "a TorchScript program, not a checkpoint",
      "",
      "get the model as .safetensors"),
  TORCH_TAR(
      Group.UNSUPPORTED,
      "a PyTorch checkpoint of a very old version, or a tar archive",
      "",
      "unpack it, or load and save it with a current PyTorch"),
  PICKLE(
      Group.UNSUPPORTED,
      "a Python pickle that torch.save did not write",
      "",
      "get the model as .safetensors"),
  GGUF(
      Group.UNSUPPORTED,
      "a GGUF model with quantised weights",
      "",
      "merging needs full weights: get the model as .safetensors"),
  GGML(
      Group.UNSUPPORTED,
      "a GGML model with quantised weights",
      "",
      "merging needs full weights: get the model as .safetensors"),
  ONNX(Group.UNSUPPORTED, "an ONNX model", "", Help.GET_SAFETENSORS),
  HDF5(Group.UNSUPPORTED, "an HDF5 file (Keras)", "", Help.GET_SAFETENSORS),
  NUMPY(Group.UNSUPPORTED, "a NumPy array", "", Help.GET_SAFETENSORS),
  NPZ(Group.UNSUPPORTED, "a zip archive of NumPy arrays", "", Help.GET_SAFETENSORS),
  ZIP_WITH_MODEL(Group.UNSUPPORTED, "a zip archive with a model inside", "", Help.UNPACK),
  ZIP(Group.UNSUPPORTED, "a zip archive", "", Help.UNPACK),
  GZIP(Group.UNSUPPORTED, "a gzip-compressed file", "", Help.UNPACK),
  BZIP2(Group.UNSUPPORTED, "a bzip2-compressed file", "", Help.UNPACK),
  XZ(Group.UNSUPPORTED, "an xz-compressed file", "", Help.UNPACK),
  ZSTD(Group.UNSUPPORTED, "a zstd-compressed file", "", Help.UNPACK),
  SEVEN_ZIP(
      Group.UNSUPPORTED,
      "a 7z archive",
      "models wrapped in 7z have been used to hide malware",
      Help.UNPACK),
  RAR(Group.UNSUPPORTED, "a RAR archive", "", Help.UNPACK),

  PICTURE(
      Group.NOT_A_MODEL,
      "a picture",
      "the preview image was saved instead of the model",
      "download the model file itself"),
  PROGRAM(
      Group.NOT_A_MODEL,
      "a program, not a model",
      "",
      "do not run it; download the model from its own page"),
  SCRIPT(Group.NOT_A_MODEL, "a script, not a model", "", "do not run it"),
  PDF(Group.NOT_A_MODEL, "a PDF document", "", Help.CHECK_NAME),
  INTERNET_SHORTCUT(
      Group.NOT_A_MODEL,
      "a bookmark",
      "the link was saved instead of what it leads to",
      "open it and download the model"),
  TORRENT(
      Group.NOT_A_MODEL,
      "a torrent file",
      "it only tells a torrent program what to download",
      "open it with a torrent program and give the file that it downloads"),
  MAGNET(
      Group.NOT_A_MODEL,
      "a magnet link",
      "it only tells a torrent program what to download",
      "open it with a torrent program and give the file that it downloads"),
  PYTHON(Group.NOT_A_MODEL, "Python source code", "", Help.CHECK_NAME),
  YAML(
      Group.NOT_A_MODEL,
      "a YAML file",
      "model configurations of that kind lie beside checkpoints",
      "give the checkpoint itself"),
  TEXT(Group.NOT_A_MODEL, "a text file", "", Help.CHECK_NAME),
  UNKNOWN(Group.NOT_A_MODEL, "not a file format this program knows", "", Help.CHECK_NAME);

  /** What a kind means for a person who wants to merge. */
  public enum Group {
    /** Readable, as far as its beginning and end show. */
    MODEL,
    /** A model that is not complete. */
    DAMAGED,
    /** Something that may hold weights, in a form that cannot be read. */
    UNSUPPORTED,
    /** Something else. */
    NOT_A_MODEL
  }

  private final Group group;
  private final String what;
  private final String why;
  private final String help;

  FileKind(Group group, String what, String why, String help) {
    this.group = group;
    this.what = what;
    this.why = why;
    this.help = help;
  }

  /** What this kind means for a merge. */
  public Group group() {
    return group;
  }

  /** What it is: a noun phrase. */
  public String what() {
    return what;
  }

  /** Why people end up with it, a clause; may be empty. */
  public String why() {
    return why;
  }

  /** What to do; may be empty. */
  public String help() {
    return help;
  }

  private static final class Why {
    static final String FAILED_DOWNLOAD = "the download failed, or the disk was full";
  }

  private static final class Help {
    static final String AGAIN = "download the file again";
    static final String UNPACK = "unpack it and give the model file inside";
    static final String GET_SAFETENSORS = "get the model as .safetensors";
    static final String CHECK_NAME = "check the file name, or download the model again";
  }
}
