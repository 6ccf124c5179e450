package athanor.net;

import static org.assertj.core.api.Assertions.assertThat;

import athanor.testkit.Gen;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ReceivedBytesTest {
  @Test
  void handsOutGapsFromTheFront() {
    var received =
        new ReceivedBytes(
            100, List.of(new ReceivedBytes.Span(10, 20), new ReceivedBytes.Span(50, 60)));

    ReceivedBytes.Extent first = received.take(1000).orElseThrow();
    ReceivedBytes.Extent second = received.take(15).orElseThrow();
    ReceivedBytes.Extent third = received.take(1000).orElseThrow();
    ReceivedBytes.Extent fourth = received.take(1000).orElseThrow();

    assertThat(List.of(first.position(), first.end())).containsExactly(0L, 10L);
    assertThat(List.of(second.position(), second.end())).containsExactly(20L, 35L);
    assertThat(List.of(third.position(), third.end())).containsExactly(35L, 50L);
    assertThat(List.of(fourth.position(), fourth.end())).containsExactly(60L, 100L);
    assertThat(received.take(1)).isEmpty();
  }

  @Test
  void givesBackWhatAReaderLeft() {
    var received = new ReceivedBytes(100, List.of());
    ReceivedBytes.Extent extent = received.take(1000).orElseThrow();
    received.wrote(extent, 30);
    received.release(extent);

    assertThat(received.take(1000).orElseThrow().position()).isEqualTo(30);
    assertThat(received.prefix()).isEqualTo(30);
  }

  @Test
  void learnsTheSizeAtTheEnd() {
    var received = new ReceivedBytes(-1, List.of());
    ReceivedBytes.Extent extent = received.take(ReceivedBytes.OPEN_END).orElseThrow();
    assertThat(extent.isOpen()).isTrue();
    received.wrote(extent, 42);
    received.total(42);

    assertThat(received.isComplete()).isTrue();
  }

  @Test
  void isCompleteAfterAnyOrderOfPieces() {
    Gen gen = Gen.seeded("isCompleteAfterAnyOrderOfPieces");
    for (int round = 0; round < 200; round++) {
      long total = gen.between(1, 500);
      var received = new ReceivedBytes(total, List.of());
      List<ReceivedBytes.Extent> open = new ArrayList<>();
      while (!received.isComplete()) {
        Optional<ReceivedBytes.Extent> taken =
            gen.coin() ? received.take(gen.between(1, 40)) : Optional.empty();
        taken.ifPresent(open::add);
        if (!open.isEmpty()) {
          ReceivedBytes.Extent extent = open.get(gen.between(0, open.size() - 1));
          long left = extent.end() - extent.position();
          if (left == 0 || gen.between(0, 9) == 0) {
            open.remove(extent);
            received.release(extent);
          } else {
            received.wrote(extent, gen.between(1, (int) left));
          }
        }
      }
      assertThat(received.received()).isEqualTo(total);
      assertThat(received.spans()).containsExactly(new ReceivedBytes.Span(0, total));
    }
  }
}
