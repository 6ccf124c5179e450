package athanor.file;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/**
 * The mode that an output is to have: that of the file it replaces.
 *
 * @param permissions empty if there is no such file or the system knows no modes; then the system
 *     decides
 */
record FileMode(Optional<Set<PosixFilePermission>> permissions) {

  /**
   * The mode of a file, links followed.
   *
   * @throws IOException if it is there and cannot be looked at
   */
  static FileMode of(Path file) throws IOException {
    var view = Files.getFileAttributeView(file, PosixFileAttributeView.class);
    if (view == null) {
      return new FileMode(Optional.empty());
    }
    try {
      return new FileMode(Optional.of(view.readAttributes().permissions()));
    } catch (NoSuchFileException e) {
      return new FileMode(Optional.empty());
    }
  }

  /**
   * What a file is created with that will have this mode: nobody else may ever do more with it than
   * in the end, and its owner must be able to write it until then.
   */
  FileAttribute<?>[] whileWriting() {
    if (permissions.isEmpty()) {
      return new FileAttribute<?>[0];
    }
    Set<PosixFilePermission> mode = EnumSet.noneOf(PosixFilePermission.class);
    mode.addAll(permissions.get());
    mode.add(PosixFilePermission.OWNER_READ);
    mode.add(PosixFilePermission.OWNER_WRITE);
    return new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(mode)};
  }

  /**
   * Gives a finished file this mode, exactly.
   *
   * @throws IOException if that is not possible
   */
  void applyTo(Path file) throws IOException {
    var view = Files.getFileAttributeView(file, PosixFileAttributeView.class);
    if (permissions.isPresent() && view != null) {
      view.setPermissions(permissions.get());
    }
  }
}
