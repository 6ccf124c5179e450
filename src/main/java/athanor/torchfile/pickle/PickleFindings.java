package athanor.torchfile.pickle;

import athanor.error.AthanorException;
import athanor.error.Problem;
import athanor.torchfile.pickle.PickleValue.Global;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What the pickles of one file used up and mentioned: their memory, their dangerous names, their
 * inert objects. It words every complaint about them, so that each names the dangerous ones too.
 */
public final class PickleFindings {
  private static final int GLOBAL_BYTES = 256;

  private final String where;
  private final Map<String, Global> globals = new HashMap<>();
  private final List<DangerousName> dangerousNames = new ArrayList<>();
  private final SortedMap<String, Integer> ignoredObjects = new TreeMap<>();
  private long memory;

  /**
   * @param where the file, and the record inside it if there is one
   */
  public PickleFindings(String where) {
    this.where = where;
  }

  /** Where the pickle is, for messages. */
  public String where() {
    return where;
  }

  /** Counts memory that a value takes, in bytes. */
  void charge(long position, long bytes) {
    memory += bytes;
    if (memory > PickleLimits.PICKLE_MEMORY) {
      throw tooMuch(
          position, "bytes of memory for its objects", memory, PickleLimits.PICKLE_MEMORY);
    }
  }

  /** The name of a class or function, which is the same object wherever it is mentioned. */
  Global global(String module, String name, long position) {
    String key = module + "\n" + name;
    Global known = globals.get(key);
    if (known != null) {
      return known;
    }
    charge(position, GLOBAL_BYTES + 4L * key.length());
    var global = new Global(module, name, Globals.meaning(module, name), position);
    globals.put(key, global);
    if (global.dangerous() && dangerousNames.size() < PickleLimits.LISTED) {
      dangerousNames.add(new DangerousName(global.qualified(), position));
    }
    if (global.meaning() == GlobalMeaning.Plain.INERT) {
      count(global.qualified(), 0);
    }
    return global;
  }

  /** Notes an inert object. */
  void ignore(String madeBy) {
    count(madeBy, 1);
  }

  private void count(String name, int more) {
    if (ignoredObjects.containsKey(name) || ignoredObjects.size() < PickleLimits.LISTED) {
      ignoredObjects.merge(name, more, Integer::sum);
    }
  }

  /** Adds dangerous names that stand behind the end of the pickle. */
  void addHidden(List<DangerousName> names) {
    names.stream().limit(PickleLimits.LISTED - dangerousNames.size()).forEach(dangerousNames::add);
  }

  /** The dangerous names, a hundred at most, each where it first occurs. */
  public List<DangerousName> dangerousNames() {
    return List.copyOf(dangerousNames);
  }

  /** How many objects of each class without meaning were made; 0 where only the name occurs. */
  public SortedMap<String, Integer> ignoredObjects() {
    return ignoredObjects;
  }

  /** The pickle breaks the rules of its language, or of PyTorch. */
  AthanorException malformed(long position, String what) {
    return problem("malformed pickle: " + what).at(at(position)).toException();
  }

  /** The pickle asks for more than is allowed. */
  AthanorException tooMuch(long position, String of, Object found, Object most) {
    return problem("the pickle has too many " + of)
        .at(at(position))
        .found(found)
        .expected("at most " + most)
        .toException();
  }

  /** Of kind BAD_FILE: the weights depend on a dangerous name. */
  public AthanorException refusal(Global danger) {
    return Problem.badFile("the weights depend on code that this pickle wants to run")
        .at(at(danger.position()))
        .found(danger.qualified())
        .expected("tensors that are described by data alone")
        .help("do not open this file with anything else; nothing of it was run here")
        .toException();
  }

  /** Any other complaint, of kind BAD_FILE; its help names the first dangerous name. */
  public Problem problem(String what) {
    Problem problem = Problem.badFile(what).at(where);
    if (dangerousNames.isEmpty()) {
      return problem;
    }
    DangerousName first = dangerousNames.getFirst();
    return problem.help(
        "it also names "
            + first.name()
            + " (byte "
            + first.position()
            + "): it may be made to run code, so do not open it with anything else;"
            + " nothing of it was run here");
  }

  private String at(long position) {
    return where + ", byte " + position;
  }
}
