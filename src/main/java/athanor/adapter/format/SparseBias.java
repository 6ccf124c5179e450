package athanor.adapter.format;

import java.util.List;

/** Single values of a weight beside a pair, as LyCORIS extracts them. */
final class SparseBias extends RecognisedFormat {
  SparseBias() {
    super("sparse bias of LyCORIS");
  }

  @Override
  public List<Suffix> suffixes() {
    return List.of(
        Suffix.of(".bias_indices", new Part("sparse bias", "bias_indices")),
        Suffix.of(".bias_values", new Part("sparse bias", "bias_values")),
        Suffix.of(".bias_size", new Part("sparse bias", "bias_size")));
  }
}
