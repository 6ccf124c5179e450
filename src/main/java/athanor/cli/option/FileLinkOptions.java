package athanor.cli.option;

import athanor.cli.help.InGroup;
import athanor.cli.help.OptionGroup;
import athanor.hub.LinkOrigin;
import picocli.CommandLine.Option;

/** How far links are trusted that come out of a file: options of commands that follow them. */
@InGroup(OptionGroup.INPUTS)
public final class FileLinkOptions {
  @Option(
      names = {"--allow-private", "--allow_private"},
      description = {
        "Let links in the file lead anywhere, also to this computer, to the local network and"
            + " unencrypted. Otherwise they may lead to the public internet only, over https."
      })
  private boolean allowPrivate;

  public LinkOrigin origin() {
    return allowPrivate ? LinkOrigin.TRUSTED_FILE : LinkOrigin.FILE;
  }
}
