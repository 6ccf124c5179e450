package athanor.progress;

/**
 * Receives the advance of one long piece of work. Called from several threads; implementations are
 * thread-safe and quick.
 */
public interface Progress {
  /** A receiver that ignores everything. */
  Progress NONE =
      new Progress() {
        @Override
        public void begin(String activity, long totalBytes, int totalItems) {}

        @Override
        public void advance(long bytes, int items) {}

        @Override
        public void end() {}
      };

  /**
   * A piece of work begins; it replaces the one before.
   *
   * @param activity a short phrase such as {@code merging}
   * @param totalBytes bytes to process, or 0 when unknown
   * @param totalItems tensors or modules to process, or 0 when unknown
   */
  void begin(String activity, long totalBytes, int totalItems);

  /** So many bytes and items more are done. */
  void advance(long bytes, int items);

  /** The piece of work has ended, well or not. */
  void end();
}
