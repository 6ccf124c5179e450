package athanor.hub;

/** The kinds of repositories of the Hugging Face Hub; models have no prefix in addresses. */
public enum RepoType {
  MODEL("", "models"),
  DATASET("datasets/", "datasets"),
  SPACE("spaces/", "spaces");

  private final String prefix;
  private final String apiName;

  RepoType(String prefix, String apiName) {
    this.prefix = prefix;
    this.apiName = apiName;
  }

  /** What stands before the name of the repository in addresses and in {@code hf:} names. */
  public String prefix() {
    return prefix;
  }

  /** Its segment in addresses of the API. */
  String apiName() {
    return apiName;
  }
}
