package athanor.hub;

import athanor.error.Problem;
import athanor.net.Download;
import athanor.net.Json;
import athanor.net.RangedSource;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;

/**
 * The last look at a downloaded file that is called a model: its first bytes are those of one, and
 * nothing is missing at its end. Whether it is a good model is for the readers of its format to
 * say.
 */
final class CompleteModel implements Download.FinalCheck {
  private static final long MOST_HEADER = 100_000_000;
  private static final int ZIP_END = 22 + 65_535;

  @Override
  public void check(Path file, String name) {
    try (RangedSource source = RangedSource.of(file)) {
      if (!Weights.isName(name)) {
        return;
      }
      if (source.size() < 8) {
        throw bad("the file is empty or nearly so", name)
            .found(source.size() + " bytes")
            .toException();
      }
      byte[] start = source.read(0, (int) Math.min(16, source.size()));
      if (start[0] == 'P' && start[1] == 'K') {
        checkZip(source, name);
      } else if (!isPickle(start)) {
        checkSafetensors(source, start, name);
      }
    } catch (IOException e) {
      throw bad("the downloaded file cannot be read back", name).toException(e);
    }
  }

  private static boolean isPickle(byte[] start) {
    return (start[0] & 0xff) == 0x80 && start[1] >= 2 && start[1] <= 5;
  }

  private static void checkZip(RangedSource source, String name) {
    int length = (int) Math.min(ZIP_END, source.size());
    byte[] tail = source.read(source.size() - length, length);
    for (int i = tail.length - 22; i >= 0; i--) {
      if (tail[i] == 'P' && tail[i + 1] == 'K' && tail[i + 2] == 5 && tail[i + 3] == 6) {
        return;
      }
    }
    throw bad("the file is cut short: the directory at its end is missing", name).toException();
  }

  private static void checkSafetensors(RangedSource source, byte[] start, String name) {
    long header = ByteBuffer.wrap(start).order(ByteOrder.LITTLE_ENDIAN).getLong();
    boolean plausible = header >= 2 && header <= MOST_HEADER && start.length > 8 && start[8] == '{';
    if (!plausible) {
      throw bad("this is neither a safetensors file nor a PyTorch checkpoint", name)
          .help("check the link: does it lead to the model itself?")
          .toException();
    }
    long size = source.size();
    if (8 + header > size) {
      throw bad("the file is cut short in its header", name)
          .found(size + " bytes")
          .expected("more than " + (8 + header))
          .toException();
    }
    long end = 8 + header + lastOffset(source, header, name);
    if (end != size) {
      throw bad(end > size ? "the file is cut short" : "the file is longer than it says", name)
          .found(size + " bytes")
          .expected(end + " bytes")
          .toException();
    }
  }

  private static long lastOffset(RangedSource source, long header, String name) {
    try {
      Json json = Json.parse(source.read(8, Math.toIntExact(header)));
      long last = 0;
      if (json instanceof Json.Fields fields) {
        for (Json tensor : fields.fields().values()) {
          for (Json offset : tensor.get("data_offsets").items()) {
            last = Math.max(last, offset.whole().orElse(0L));
          }
        }
      }
      return last;
    } catch (IOException e) {
      throw bad("the header of the safetensors file is damaged", name).toException(e);
    }
  }

  private static Problem bad(String what, String name) {
    return Problem.badFile(what)
        .at(name)
        .help("the published file itself seems damaged; nothing was kept. Try another source");
  }
}
