package athanor.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.net.MalformedURLException;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Both kernels agree to the last bit, at every vector width. */
class KernelTwinsTest {
  private static final int REPETITIONS = 30;

  @Test
  void agreeAtTheWidthOfThisMachine() {
    assertThat(TwinProbe.bits(true, REPETITIONS)).containsExactly(TwinProbe.bits(false, 1));
  }

  @ParameterizedTest
  @ValueSource(ints = {128, 256, 512})
  void agreeAtWidth(int width) throws Exception {
    System.setProperty("athanor.kernels.bits", Integer.toString(width));
    try (URLClassLoader fresh = freshClasses()) {
      Class<?> probe = fresh.loadClass(TwinProbe.class.getName());
      var description = probe.getDeclaredMethod("description");
      description.setAccessible(true);
      assertThat(description.invoke(null)).isEqualTo("Vector API, " + width + " bits");
      var bits = probe.getDeclaredMethod("bits", boolean.class, int.class);
      bits.setAccessible(true);
      assertThat((int[]) bits.invoke(null, true, REPETITIONS))
          .containsExactly(TwinProbe.bits(false, 1));
    } finally {
      System.clearProperty("athanor.kernels.bits");
    }
  }

  /** The width is a constant of its class, so that the compiler can rely on it. */
  private static URLClassLoader freshClasses() {
    URL[] classPath =
        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
            .map(entry -> url(Path.of(entry).toUri()))
            .toArray(URL[]::new);
    return new URLClassLoader(classPath, ClassLoader.getPlatformClassLoader());
  }

  private static URL url(URI uri) {
    try {
      return uri.toURL();
    } catch (MalformedURLException e) {
      throw new AssertionError(e);
    }
  }
}
