package athanor.tensor;

/** A file format that holds a state dict. */
public enum Container {
  SAFETENSORS("safetensors"),
  SHARDED_SAFETENSORS("sharded safetensors"),
  TORCH_ZIP("PyTorch checkpoint"),
  TORCH_LEGACY("PyTorch checkpoint (before 1.6)");

  private final String label;

  Container(String label) {
    this.label = label;
  }

  /** What to call it in a sentence. */
  public String label() {
    return label;
  }
}
