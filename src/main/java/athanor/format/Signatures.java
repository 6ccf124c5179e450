package athanor.format;

import java.util.List;
import java.util.Optional;

/** The bytes by which binary formats are recognised. */
final class Signatures {
  /** Magic number 0x1950A86A20F9469CFC6C as a protocol-2 pickle: {@code torch.save} before 1.6. */
  private static final int[] TORCH_LEGACY = {
    0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e
  };

  private static final List<Signature> ALL =
      List.of(
          bytes(FileKind.TORCH_LEGACY, TORCH_LEGACY),
          text(FileKind.GGUF, 0, "GGUF"),
          text(FileKind.GGML, 0, "lmgg"),
          text(FileKind.GGML, 0, "tjgg"),
          text(FileKind.GGML, 0, "fmgg"),
          bytes(FileKind.HDF5, 0x89, 'H', 'D', 'F', 0x0d, 0x0a, 0x1a, 0x0a),
          bytes(FileKind.NUMPY, 0x93, 'N', 'U', 'M', 'P', 'Y'),
          bytes(FileKind.PICTURE, 0x89, 'P', 'N', 'G'),
          bytes(FileKind.PICTURE, 0xff, 0xd8, 0xff),
          text(FileKind.PICTURE, 0, "GIF8"),
          text(FileKind.PICTURE, 8, "WEBP"),
          text(FileKind.PICTURE, 4, "ftypavif"),
          text(FileKind.PICTURE, 4, "ftypheic"),
          bytes(FileKind.GZIP, 0x1f, 0x8b),
          text(FileKind.BZIP2, 0, "BZh"),
          bytes(FileKind.XZ, 0xfd, '7', 'z', 'X', 'Z', 0),
          bytes(FileKind.ZSTD, 0x28, 0xb5, 0x2f, 0xfd),
          bytes(FileKind.SEVEN_ZIP, '7', 'z', 0xbc, 0xaf, 0x27, 0x1c),
          bytes(FileKind.RAR, 'R', 'a', 'r', '!', 0x1a, 0x07),
          bytes(FileKind.PROGRAM, 0x7f, 'E', 'L', 'F'),
          bytes(FileKind.PROGRAM, 0xfe, 0xed, 0xfa, 0xce),
          bytes(FileKind.PROGRAM, 0xfe, 0xed, 0xfa, 0xcf),
          bytes(FileKind.PROGRAM, 0xce, 0xfa, 0xed, 0xfe),
          bytes(FileKind.PROGRAM, 0xcf, 0xfa, 0xed, 0xfe),
          bytes(FileKind.PROGRAM, 0xca, 0xfe, 0xba, 0xbe),
          text(FileKind.PROGRAM, 0, "MZ"),
          text(FileKind.SCRIPT, 0, "#!"),
          text(FileKind.PDF, 0, "%PDF"),
          text(FileKind.TORRENT, 0, "d8:announce"),
          text(FileKind.TORCH_TAR, 257, "ustar"));

  private Signatures() {}

  private static final class Signature {
    final FileKind kind;
    final int offset;
    final int[] bytes;

    Signature(FileKind kind, int offset, int[] bytes) {
      this.kind = kind;
      this.offset = offset;
      this.bytes = bytes;
    }
  }

  private static Signature bytes(FileKind kind, int... bytes) {
    return new Signature(kind, 0, bytes);
  }

  private static Signature text(FileKind kind, int offset, String ascii) {
    return new Signature(kind, offset, ascii.chars().toArray());
  }

  /** The format whose signature the file begins with. */
  static Optional<FileKind> find(FileSample sample) {
    for (Signature signature : ALL) {
      if (sample.has(signature.offset, signature.bytes)) {
        return Optional.of(signature.kind);
      }
    }
    return Optional.empty();
  }

  /** An ONNX model: protobuf field 1 is a small version, field 2 the producer's name in ASCII. */
  static boolean isOnnx(FileSample sample) {
    if (!sample.has(0, 0x08) || !sample.has(2, 0x12) || sample.head().length < 8) {
      return false;
    }
    int length = sample.head()[3];
    if (sample.head()[1] > 0x20 || length <= 0 || 4 + length > sample.head().length) {
      return false;
    }
    for (int i = 4; i < 4 + length; i++) {
      if (sample.head()[i] < ' ' || sample.head()[i] > '~') {
        return false;
      }
    }
    return true;
  }

  /** A pickle that {@code torch.save} did not write: protocol 2 to 5, or text protocol 0. */
  static boolean isPickle(FileSample sample) {
    byte[] head = sample.head();
    if (head.length >= 2 && sample.has(0, 0x80)) {
      return head[1] >= 2 && head[1] <= 5;
    }
    boolean ends = sample.tail().length > 0 && sample.tail()[sample.tail().length - 1] == '.';
    return ends
        && (sample.has(0, "(dp")
            || sample.has(0, "(lp")
            || sample.has(0, "}q")
            || sample.has(0, "]q")
            || sample.has(0, "ccollections\n")
            || sample.has(0, "ccopy_reg\n")
            || sample.has(0, "c__builtin__\n")
            || sample.has(0, "cposix\n")
            || sample.has(0, "cos\n")
            || sample.has(0, "ctorch"));
  }
}
