package athanor.testkit.disk;

import java.io.IOException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.UserPrincipal;
import java.util.Set;

/** Owner, times and mode of a file of a {@link FaultyDisk}. */
record FaultyMode(FaultyDisk disk, Path path, PosixFileAttributeView real)
    implements PosixFileAttributeView {
  @Override
  public String name() {
    return real.name();
  }

  @Override
  public UserPrincipal getOwner() throws IOException {
    disk.reach(Operation.ATTRIBUTES, path);
    return real.getOwner();
  }

  @Override
  public void setOwner(UserPrincipal owner) throws IOException {
    disk.reach(Operation.SET_ATTRIBUTES, path);
    real.setOwner(owner);
  }

  @Override
  public PosixFileAttributes readAttributes() throws IOException {
    disk.reach(Operation.ATTRIBUTES, path);
    return real.readAttributes();
  }

  @Override
  public void setTimes(FileTime modified, FileTime accessed, FileTime created) throws IOException {
    disk.reach(Operation.SET_ATTRIBUTES, path);
    real.setTimes(modified, accessed, created);
  }

  @Override
  public void setPermissions(Set<PosixFilePermission> permissions) throws IOException {
    disk.reach(Operation.SET_ATTRIBUTES, path);
    real.setPermissions(permissions);
  }

  @Override
  public void setGroup(GroupPrincipal group) throws IOException {
    disk.reach(Operation.SET_ATTRIBUTES, path);
    real.setGroup(group);
  }
}
