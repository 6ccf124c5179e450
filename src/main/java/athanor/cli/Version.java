package athanor.cli;

import athanor.job.ProgramVersion;
import picocli.CommandLine.IVersionProvider;

/** The version of this program. */
final class Version implements IVersionProvider {
  @Override
  public String[] getVersion() {
    return new String[] {"athanor " + ProgramVersion.text()};
  }
}
