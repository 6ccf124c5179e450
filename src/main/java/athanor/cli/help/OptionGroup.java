package athanor.cli.help;

import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Field;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;

/** Headings that options of a command stand under in its help, in this order. */
public enum OptionGroup {
  INPUTS("Inputs"),
  MIX("Checkpoints mixed in"),
  STRENGTH("Strength"),
  METHOD("Method"),
  OPTIONS("Options"),
  RESULT("Result"),
  LORA_RESULT("LoRA + LoRA"),
  CHECKPOINT("Checkpoint"),
  PUBLISHING("Publishing"),
  OUTPUT("What is printed"),
  KOHYA("kohya's spellings");

  private final String title;

  OptionGroup(String title) {
    this.title = title;
  }

  String title() {
    return title;
  }

  /**
   * The group of an argument: that of its field, else of the class of the field; the names of files
   * belong to the inputs, and what every program has to the output.
   */
  static OptionGroup of(ArgSpec argument) {
    return declared(argument.userObject())
        .orElseGet(() -> argument instanceof OptionSpec option ? usual(option) : INPUTS);
  }

  private static OptionGroup usual(OptionSpec option) {
    return option.usageHelp() || option.versionHelp() ? OUTPUT : OPTIONS;
  }

  private static Optional<OptionGroup> declared(@Nullable Object place) {
    if (place instanceof OptionGroup group) {
      return Optional.of(group);
    }
    if (!(place instanceof AnnotatedElement element)) {
      return Optional.empty();
    }
    InGroup own = element.getAnnotation(InGroup.class);
    if (own == null && element instanceof Field field) {
      own = field.getDeclaringClass().getAnnotation(InGroup.class);
    }
    return Optional.ofNullable(own).map(InGroup::value);
  }
}
