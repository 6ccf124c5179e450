package athanor.hub;

/** Where files come from. */
public enum Service {
  HUGGING_FACE("Hugging Face", "hf"),
  CIVITAI("Civitai", "civitai"),
  /** Any other web address. */
  WEB("the web", "web");

  private final String label;
  private final String id;

  Service(String label, String id) {
    this.label = label;
    this.id = id;
  }

  /** What to call it in a sentence. */
  public String label() {
    return label;
  }

  /** Its name on the command line. */
  public String id() {
    return id;
  }
}
