package athanor.cli.command;

import athanor.job.ProgramVersion;
import picocli.CommandLine.IVersionProvider;

/** The version of this program. */
public final class Version implements IVersionProvider {
  @Override
  public String[] getVersion() {
    return new String[] {"athanor " + ProgramVersion.text()};
  }
}
