package athanor.adapter.format;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** All formats. */
public final class AdapterFormats {
  /** A low-rank pair. */
  public static final Lora LORA = new Lora();

  /** A difference stored in full. */
  public static final StoredDifference FULL = StoredDifference.ofLayers();

  /** A difference of a normalisation layer. */
  public static final StoredDifference NORM = StoredDifference.ofNorms();

  /** Every format, in the order in which reports name them and a module's changes apply. */
  public static final List<AdapterFormat> ALL =
      with(
          KnownByName.ALL,
          LORA,
          FULL,
          NORM,
          new Loha(),
          new Lokr(),
          new Dora(),
          new Ia3(),
          new Glora(),
          Oft.diagonal(),
          Oft.butterfly(),
          new OftV2(),
          new PeftBoft(),
          new Hra(),
          new Hira(),
          new Miss(),
          new Vera(),
          new SparseBias(),
          new TLora(),
          new SetWeight(),
          new EmbeddingLora(),
          new PeftSavedModule());

  private static final SuffixTable SUFFIXES = new SuffixTable(ALL);

  private AdapterFormats() {}

  private static List<AdapterFormat> with(
      List<RecognisedFormat> knownByName, AdapterFormat... others) {
    return Stream.concat(Arrays.stream(others), knownByName.stream()).toList();
  }

  /** The suffixes of all formats. */
  public static SuffixTable suffixes() {
    return SUFFIXES;
  }

  /** The part that a key's suffix names; empty when no suffix tells on its own. */
  public static Optional<Part> partOf(String key) {
    return SUFFIXES.claims(key).stream().findFirst().map(claim -> claim.suffix().part());
  }
}
