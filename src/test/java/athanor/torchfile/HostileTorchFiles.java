package athanor.torchfile;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;

/** A file of every class of broken or hostile PyTorch files, each to be refused. */
public final class HostileTorchFiles {
  private HostileTorchFiles() {}

  /** The files by their row of the catalogue and what is odd about them. */
  public static Map<String, byte[]> refused() {
    Map<String, byte[]> files = new LinkedHashMap<>();
    byte[] honest = honest().bytes();
    files.put("Z01 cut at the half", Arrays.copyOf(honest, honest.length / 2));
    files.put("Z01 without its last byte", Arrays.copyOf(honest, honest.length - 1));
    files.put("Z03 two pickles", honest().add("archive/data.pkl", weights()).bytes());
    files.put("Z04 two storages of one name", honest().add("archive/data/0", new byte[8]).bytes());
    files.put("Z10 bomb", bomb());
    files.put("Z12 unknown compression", honest().changeAll(e -> e.method = 99).bytes());
    files.put("Z15 big-endian", honest().add("archive/byteorder", ascii("big")).bytes());
    files.put("Z19 another archive", new ArchiveBuilder().add("word/x.xml", ascii("<x/>")).bytes());
    files.put("P01 a command", program(p -> p.call("os", "system", a -> a.text("touch hacked"))));
    files.put("P11 a dict made by code", program(HostileTorchFiles::dictMadeByCode));
    files.put("P21 a million marks", program(p -> p.repeat(1_000_000, q -> q.op('('))));
    files.put("P23 a text of 4 GB", program(p -> p.op('X', 0xff, 0xff, 0xff, 0xff)));
    files.put("P25 no end", ArchiveBuilder.checkpoint(new byte[] {(byte) 0x80, 2, '}'}).bytes());
    files.put("P29 a storage that leads out", program(p -> p.text("a").floats("../x", 2)));
    files.put("P30 a view beyond its storage", program(p -> p.text("a").floats("0", 200)));
    files.put("P32 one storage, a thousand times", aliases());
    files.put("P39 no weights", program(p -> p.text("epoch").number(3)));
    byte[] legacy = TorchLegacyFileTest.honestFile();
    files.put("L04 cut", Arrays.copyOf(legacy, legacy.length - 5));
    files.put("L04 cut in the pickles", Arrays.copyOf(legacy, legacy.length / 2));
    files.put("L05 a bare pickle", weights());
    return files;
  }

  private static ArchiveBuilder honest() {
    return ArchiveBuilder.checkpoint(weights(), TorchFileTestCase.A, TorchFileTestCase.B);
  }

  private static byte[] weights() {
    return TorchFileTestCase.dict(PickleProgram::weights);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static byte[] program(Consumer<PickleProgram> content) {
    return ArchiveBuilder.checkpoint(
            TorchFileTestCase.dict(content), TorchFileTestCase.A, TorchFileTestCase.B)
        .bytes();
  }

  private static void dictMadeByCode(PickleProgram program) {
    program.text("state_dict").call("builtins", "eval", a -> a.text("dict()"));
  }

  private static byte[] bomb() {
    byte[] pickle = PickleProgram.begin().raw(new byte[8 << 20]).stop();
    return ArchiveBuilder.checkpoint(pickle)
        .change("archive/data.pkl", ArchiveBuilder.Entry::deflate)
        .bytes();
  }

  private static byte[] aliases() {
    int elements = 100_000;
    byte[] pickle =
        TorchFileTestCase.dict(p -> {
          for (int i = 0; i < 1000; i++) {
            p.text("k" + i).floats("0", elements);
          }
        });
    return ArchiveBuilder.checkpoint(pickle, new byte[4 * elements]).bytes();
  }
}
