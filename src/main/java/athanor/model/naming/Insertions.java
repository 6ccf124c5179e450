package athanor.model.naming;

import java.util.List;

/**
 * What training leaves inside keys and names when it wraps a model or one of its layers: {@code
 * module.} of DistributedDataParallel, {@code _orig_mod.} of torch.compile and the like.
 */
final class Insertions {
  private static final List<String> WORDS = ComponentNames.inserted();

  /** As they stand in names whose dots are underscores; only those that no other name contains. */
  private static final List<String> FLAT_WORDS =
      WORDS.stream()
          .filter(word -> word.startsWith("_"))
          .map(word -> "_" + ModuleScope.flatten(word))
          .toList();

  private Insertions() {}

  /** A key or name without them, whether its parts are joined by dots or by underscores. */
  static String removed(String name) {
    String plain = name;
    for (String word : WORDS) {
      plain = withoutPart(plain, word);
    }
    for (String word : FLAT_WORDS) {
      plain = plain.replace(word, "_");
    }
    return plain;
  }

  /** Without a dotted part, wherever it begins. */
  private static String withoutPart(String name, String part) {
    if (!name.contains(part)) {
      return name;
    }
    String plain = name.replace("." + part, ".");
    while (plain.startsWith(part)) {
      plain = plain.substring(part.length());
    }
    return plain;
  }
}
