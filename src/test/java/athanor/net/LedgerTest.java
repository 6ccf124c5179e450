package athanor.net;

import static org.assertj.core.api.Assertions.assertThat;

import athanor.testkit.Gen;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LedgerTest {
  @Test
  void handsOutGapsFromTheFront() {
    var ledger = new Ledger(100, List.of(new Ledger.Span(10, 20), new Ledger.Span(50, 60)));

    Ledger.Extent first = ledger.take(1000).orElseThrow();
    Ledger.Extent second = ledger.take(15).orElseThrow();
    Ledger.Extent third = ledger.take(1000).orElseThrow();
    Ledger.Extent fourth = ledger.take(1000).orElseThrow();

    assertThat(List.of(first.position(), first.end())).containsExactly(0L, 10L);
    assertThat(List.of(second.position(), second.end())).containsExactly(20L, 35L);
    assertThat(List.of(third.position(), third.end())).containsExactly(35L, 50L);
    assertThat(List.of(fourth.position(), fourth.end())).containsExactly(60L, 100L);
    assertThat(ledger.take(1)).isEmpty();
  }

  @Test
  void givesBackWhatAReaderLeft() {
    var ledger = new Ledger(100, List.of());
    Ledger.Extent extent = ledger.take(1000).orElseThrow();
    ledger.wrote(extent, 30);
    ledger.release(extent);

    assertThat(ledger.take(1000).orElseThrow().position()).isEqualTo(30);
    assertThat(ledger.prefix()).isEqualTo(30);
  }

  @Test
  void learnsTheSizeAtTheEnd() {
    var ledger = new Ledger(-1, List.of());
    Ledger.Extent extent = ledger.take(Ledger.OPEN_END).orElseThrow();
    assertThat(extent.isOpen()).isTrue();
    ledger.wrote(extent, 42);
    ledger.total(42);

    assertThat(ledger.isComplete()).isTrue();
  }

  @Test
  void isCompleteAfterAnyOrderOfPieces() {
    Gen gen = Gen.seeded("isCompleteAfterAnyOrderOfPieces");
    for (int round = 0; round < 200; round++) {
      long total = gen.between(1, 500);
      var ledger = new Ledger(total, List.of());
      List<Ledger.Extent> open = new ArrayList<>();
      while (!ledger.isComplete()) {
        Optional<Ledger.Extent> taken =
            gen.coin() ? ledger.take(gen.between(1, 40)) : Optional.empty();
        taken.ifPresent(open::add);
        if (!open.isEmpty()) {
          Ledger.Extent extent = open.get(gen.between(0, open.size() - 1));
          long left = extent.end() - extent.position();
          if (left == 0 || gen.between(0, 9) == 0) {
            open.remove(extent);
            ledger.release(extent);
          } else {
            ledger.wrote(extent, gen.between(1, (int) left));
          }
        }
      }
      assertThat(ledger.received()).isEqualTo(total);
      assertThat(ledger.spans()).containsExactly(new Ledger.Span(0, total));
    }
  }
}
