package athanor.job;

import athanor.hub.upload.UploadItem;
import athanor.hub.upload.UploadRequest;
import athanor.merge.plan.Numbers;
import athanor.recipe.LoraInput;
import java.nio.file.Path;
import java.util.List;

/** Commands as a person would type them. */
public final class CommandLineText {
  private CommandLineText() {}

  /** The command that merges LoRAs exactly. */
  static String merge(List<LoraInput> inputs, Path output) {
    var text = new StringBuilder("athanor merge");
    for (LoraInput input : inputs) {
      text.append(' ').append(quoted(input.file() + "@" + Numbers.text(input.strength().ratio())));
    }
    return text.append(" --out ").append(quoted(output.toString())).toString();
  }

  /** The command that publishes, and goes on with an upload that broke off. */
  public static String push(List<UploadItem> items, UploadRequest request, List<String> more) {
    var text = new StringBuilder("athanor push");
    for (UploadItem item : items) {
      if (item instanceof UploadItem.LocalFile local) {
        text.append(' ').append(quoted(local.file().toString()));
      }
    }
    text.append(' ').append(request.repo());
    switch (request.visibility()) {
      case PRIVATE -> text.append(" --private");
      case PUBLIC -> text.append(" --public");
      case AS_IS -> {}
    }
    if (request.createPr()) {
      text.append(" --create-pr");
    }
    if (!request.revision().equals(UploadRequest.MAIN)) {
      text.append(" --revision ").append(quoted(request.revision()));
    }
    more.forEach(word -> text.append(' ').append(quoted(word)));
    return text.toString();
  }

  private static String quoted(String word) {
    return word.matches("[\\p{L}\\p{N}@%+=:,./_\\\\-]+")
        ? word
        : "'" + word.replace("'", "'\\''") + "'";
  }
}
