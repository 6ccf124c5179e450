package athanor.torchfile;

import athanor.torchfile.pickle.DangerousName;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a PyTorch file holds besides its weights, and what was made of it. All texts are fit to be
 * shown. Immutable.
 *
 * @param stateDictPath the keys that lead to the state dict, outermost first; empty when it is the
 *     whole file
 * @param dangerousNames names of classes or functions that are known for running code, a hundred at
 *     most, each where it first occurs
 * @param ignoredObjects classes and functions without meaning here, and how many objects of each
 *     were left out; 0 when only the name occurs
 * @param ignoredEntries keys of entries that are not weights, a hundred at most
 * @param ignoredEntryCount number of such entries
 * @param bytesAfterPickle bytes after the end of the pickle program, which may hide another one
 * @param warnings sentences about anything else that is odd
 */
public record OtherContents(
    List<String> stateDictPath,
    List<DangerousName> dangerousNames,
    SortedMap<String, Integer> ignoredObjects,
    List<String> ignoredEntries,
    int ignoredEntryCount,
    long bytesAfterPickle,
    List<String> warnings) {

  /** Copies the collections. */
  public OtherContents {
    stateDictPath = List.copyOf(stateDictPath);
    dangerousNames = List.copyOf(dangerousNames);
    ignoredObjects = Collections.unmodifiableSortedMap(new TreeMap<>(ignoredObjects));
    ignoredEntries = List.copyOf(ignoredEntries);
    warnings = List.copyOf(warnings);
  }

  /** Everything as sentences, the alarming first; empty when there is nothing to say. */
  public List<String> sentences() {
    var sentences = new ArrayList<>(oddities());
    sentences.addAll(remarks());
    return sentences;
  }

  /** What ordinary checkpoints do not have, as sentences: names of code, hidden bytes, damage. */
  public List<String> oddities() {
    var sentences = new ArrayList<String>();
    for (DangerousName danger : dangerousNames) {
      sentences.add(
          "names "
              + danger.name()
              + " (byte "
              + danger.position()
              + "), which can run code; nothing was run");
    }
    if (bytesAfterPickle > 0) {
      sentences.add(bytesAfterPickle + " bytes after the end of the pickle were ignored");
    }
    sentences.addAll(warnings);
    return sentences;
  }

  /** What was left out of an ordinary checkpoint, and where the weights are, as sentences. */
  public List<String> remarks() {
    var sentences = new ArrayList<String>();
    if (!stateDictPath.isEmpty()) {
      sentences.add("the weights are under " + String.join(" > ", stateDictPath));
    }
    if (ignoredEntryCount > 0) {
      sentences.add(ignoredEntryCount + " entries are not weights: " + list(ignoredEntries));
    }
    if (!ignoredObjects.isEmpty()) {
      List<String> kinds = ignoredObjects.entrySet().stream().map(OtherContents::kind).toList();
      sentences.add("ignored " + kinds.size() + " kinds of other objects: " + list(kinds));
    }
    return sentences;
  }

  private static String kind(Map.Entry<String, Integer> kind) {
    return kind.getValue() > 1 ? kind.getKey() + " × " + kind.getValue() : kind.getKey();
  }

  private static String list(List<String> items) {
    int shown = Math.min(items.size(), 8);
    String text = String.join(", ", items.subList(0, shown));
    return shown < items.size() ? text + ", …" : text;
  }
}
