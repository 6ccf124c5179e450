package athanor.model.naming;

import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * What a module is called in each dialect. Where a dialect has no name for it, such as kohya's for
 * a third of a fused projection, something else may stand in: to show it, to sort by, never to be
 * taken for a name of that dialect. Immutable.
 *
 * @param own the names
 * @param standIns what to call it in dialects that have no name for it
 */
public record ModuleNames(Map<Dialect, String> own, Map<Dialect, String> standIns) {

  /** Copies the maps. */
  public ModuleNames {
    own = Map.copyOf(own);
    standIns = Map.copyOf(standIns);
  }

  /** No names. */
  public static final ModuleNames NONE = new ModuleNames(Map.of(), Map.of());

  /** With one more name. */
  public ModuleNames and(Dialect dialect, String name) {
    return new ModuleNames(with(own, dialect, name), standIns);
  }

  /** With one more name, if there is one. */
  public ModuleNames and(Dialect dialect, Optional<String> name) {
    return name.map(text -> and(dialect, text)).orElse(this);
  }

  /** With a name, or something that stands in for it. */
  public ModuleNames and(Dialect dialect, Optional<String> name, String standIn) {
    return name.isPresent()
        ? and(dialect, name)
        : new ModuleNames(own, with(standIns, dialect, standIn));
  }

  private static Map<Dialect, String> with(
      Map<Dialect, String> names, Dialect dialect, String name) {
    Map<Dialect, String> more = new EnumMap<>(Dialect.class);
    more.putAll(names);
    more.put(dialect, name);
    return more;
  }

  /** Its name in a dialect; empty if the dialect has none. */
  public Optional<String> in(Dialect dialect) {
    return Optional.ofNullable(own.get(dialect));
  }

  /**
   * Its name in a dialect, or what stands in for it.
   *
   * @throws NullPointerException if there is neither
   */
  public String orStandIn(Dialect dialect) {
    return Objects.requireNonNull(own.getOrDefault(dialect, standIns.get(dialect)), dialect::name);
  }
}
