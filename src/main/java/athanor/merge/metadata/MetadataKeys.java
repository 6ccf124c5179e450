package athanor.merge.metadata;

import java.util.Set;

/** Names of metadata entries that more than one kind of result has. */
public final class MetadataKeys {
  /** How this program made the file. */
  public static final String RECIPE = "athanor.recipe";

  /** Kohya's hash of the tensors as they are stored. */
  public static final String MODEL_HASH = "sshs_model_hash";

  /** Kohya's hash of a part of the file, as old web UIs compute it. */
  public static final String LEGACY_HASH = "sshs_legacy_hash";

  /** Entries that hold for one content of a file only. */
  public static final Set<String> HASHES = Set.of(MODEL_HASH, LEGACY_HASH, "modelspec.hash_sha256");

  private MetadataKeys() {}
}
