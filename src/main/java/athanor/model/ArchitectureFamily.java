package athanor.model;

import athanor.model.table.KeySet;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A room: architectures whose files and LoRAs are told apart together. What is known of them by
 * name is in the room's table {@code architectures.txt}.
 */
public interface ArchitectureFamily {

  /** The architectures, in the order in which they are listed. */
  List<Architecture> architectures();

  /**
   * Recognises a model.
   *
   * @param keys the tensors of a file
   * @return empty if the file is none of these
   */
  Optional<Recognition> recognize(KeySet keys);

  /**
   * The keys that a file in another layout of these architectures would have in the usual one,
   * where the layouts differ in names only.
   *
   * @param keys the tensors of a file
   * @return the usual keys by its own, also of tensors that it lacks; empty if it is none of these
   */
  default Optional<Map<String, String>> plainKeys(KeySet keys) {
    return Optional.empty();
  }

  /**
   * Tells which of these architectures a LoRA was made for.
   *
   * @return empty if its modules are none of theirs
   */
  Optional<LoraArchitecture> madeFor(LoraModules modules);
}
