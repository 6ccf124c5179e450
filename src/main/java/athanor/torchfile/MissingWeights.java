package athanor.torchfile;

import athanor.error.AthanorException;
import athanor.error.Kind;
import athanor.error.PrintableText;
import athanor.error.Problem;
import athanor.torchfile.pickle.PickleFindings;
import athanor.torchfile.pickle.PickleValue;
import athanor.torchfile.pickle.PickleValue.Mapping;
import java.util.List;
import java.util.stream.Collectors;

/** Says what a file holds in which no state dict was found. */
final class MissingWeights {
  private static final int SHOWN_KEYS = 8;

  private MissingWeights() {}

  static AthanorException in(PickleValue root, PickleFindings findings) {
    if (root instanceof Mapping mapping && mapping.entries().containsKey("string_to_param")) {
      return Problem.of(Kind.INCOMPATIBLE, "textual inversions are not supported")
          .at(findings.where())
          .help("a textual inversion is a prompt word; it cannot be merged into a checkpoint")
          .toException();
    }
    Problem problem =
        findings
            .problem("no weights found")
            .found("at the top level " + describe(root))
            .expected("a dict of tensors");
    return (problem.help().isPresent()
            ? problem
            : problem.help("save the model's state_dict() with PyTorch, or get another file"))
        .toException();
  }

  private static String describe(PickleValue root) {
    if (!(root instanceof Mapping mapping)) {
      return root.kind();
    }
    List<String> keys =
        mapping.entries().keySet().stream().limit(SHOWN_KEYS).map(PrintableText::ofName).toList();
    boolean more = mapping.entries().size() > SHOWN_KEYS;
    return keys.isEmpty()
        ? "an empty dict"
        : keys.stream().collect(Collectors.joining(", ", "a dict with ", more ? ", …" : ""));
  }
}
