package athanor.file;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;

/** Files and folders for secrets, where the system knows owners: nobody else may look inside. */
public final class OwnerOnly {
  private static final String FOLDER = "rwx------";
  private static final String FILE = "rw-------";

  private OwnerOnly() {}

  /** What a file is created with, so that it is never readable by others. */
  public static FileAttribute<?>[] file() {
    return attributes(FILE);
  }

  /**
   * Creates a folder that only its owner can enter. One that exists stays as it is: it may be the
   * user's own, with others in it.
   *
   * @throws IOException if that is not possible
   */
  public static void createFolder(Path folder) throws IOException {
    Files.createDirectories(folder, attributes(FOLDER));
  }

  private static FileAttribute<?>[] attributes(String permissions) {
    return isPosix()
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
        }
        : new FileAttribute<?>[0];
  }

  private static boolean isPosix() {
    return FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
  }
}
