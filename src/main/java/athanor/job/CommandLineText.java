package athanor.job;

import athanor.hub.upload.UploadItem;
import athanor.hub.upload.UploadRequest;
import athanor.merge.plan.Numbers;
import athanor.merge.plan.Strength;
import athanor.recipe.InputRequest;
import athanor.recipe.LoraInput;
import athanor.recipe.LoraRequest;
import athanor.recipe.MergeRequest;
import athanor.recipe.MixRequest;
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

  /**
   * The command that does a merge; what only recipes and further options say is not in it.
   *
   * @param request a merge of the standard method; what is mixed in is a change from the base
   */
  public static String merge(MergeRequest request, Path output) {
    var text = new StringBuilder("athanor merge");
    request.base().ifPresent(base -> text.append(" --base ").append(quoted(shown(base))));
    for (MixRequest mixed : request.mix()) {
      String argument = shown(mixed.model()) + strength(mixed.strength());
      text.append(" --mix ").append(quoted(argument));
    }
    for (LoraRequest lora : request.loras()) {
      text.append(' ').append(quoted(shown(lora.input()) + strength(lora.strength())));
    }
    request.vae().ifPresent(vae -> text.append(" --vae ").append(quoted(shown(vae))));
    return text.append(" --out ").append(quoted(output.toString())).toString();
  }

  /** A path, or a link without what is secret in it. */
  private static String shown(InputRequest input) {
    return input.isLink() ? input.portable() : input.text();
  }

  private static String strength(Strength strength) {
    var text = new StringBuilder("@" + Numbers.text(strength.ratio()));
    strength.textEncoderRatio().ifPresent(te -> text.append(",te=").append(Numbers.text(te)));
    strength.blocks().ifPresent(blocks -> text.append(",lbw=").append(blocks.text()));
    if (!strength.only().isEmpty()) {
      text.append(",only=").append(String.join(",", strength.only()));
    }
    if (!strength.skip().isEmpty()) {
      text.append(",skip=").append(String.join(",", strength.skip()));
    }
    return text.toString();
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
