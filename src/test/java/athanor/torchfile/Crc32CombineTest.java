package athanor.torchfile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import athanor.testkit.Gen;
import java.util.Arrays;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;

class Crc32CombineTest {

  @Test
  void equalsTheChecksumOfTheWhole() {
    Gen gen = Gen.seeded("equalsTheChecksumOfTheWhole");
    for (int round = 0; round < 300; round++) {
      byte[] whole = gen.bytes(gen.between(0, 5000));
      int cut = gen.between(0, whole.length);
      int a = crc32(Arrays.copyOfRange(whole, 0, cut));
      int b = crc32(Arrays.copyOfRange(whole, cut, whole.length));
      assertThat(Crc32Combine.combine(a, b, whole.length - cut)).isEqualTo(crc32(whole));
    }
  }

  @Test
  void joinsBlocksInOrder() {
    byte[] whole = Gen.fixed(7).bytes(10_007);
    int joined = 0;
    for (int from = 0; from < whole.length; from += 1000) {
      byte[] block = Arrays.copyOfRange(whole, from, Math.min(from + 1000, whole.length));
      joined = Crc32Combine.combine(joined, crc32(block), block.length);
    }
    assertThat(joined).isEqualTo(crc32(whole));
  }

  @Test
  void countsBeyondFourGigabytes() {
    byte[] zeros = new byte[1 << 20];
    var mebibyte = new CRC32();
    mebibyte.update(zeros);
    int one = (int) mebibyte.getValue();
    int doubled = one;
    long length = 1 << 20;
    for (int i = 0; i < 13; i++) {
      doubled = Crc32Combine.combine(doubled, doubled, length);
      length *= 2;
    }
    int appended = 0;
    for (int i = 0; i < 8; i++) {
      appended = Crc32Combine.combine(appended, crcOfZeros(one), 1L << 30);
    }
    assertThat(doubled).isEqualTo(appended);
  }

  private static int crcOfZeros(int mebibyte) {
    int crc = 0;
    for (int i = 0; i < 1024; i++) {
      crc = Crc32Combine.combine(crc, mebibyte, 1 << 20);
    }
    return crc;
  }

  @Test
  void refusesNegativeLengths() {
    assertThatThrownBy(() -> Crc32Combine.combine(0, 0, -1))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static int crc32(byte[] bytes) {
    var crc32 = new CRC32();
    crc32.update(bytes);
    return (int) crc32.getValue();
  }
}
