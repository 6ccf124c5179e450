package athanor.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ContentDispositionTest {
  private static String name(String header) {
    return ContentDisposition.fileName(header).orElse("");
  }

  @Test
  void readsPlainAndQuotedNames() {
    assertThat(name("attachment; filename=a.bin")).isEqualTo("a.bin");
    assertThat(name("attachment; filename=\"a b;c.bin\"")).isEqualTo("a b;c.bin");
    assertThat(name("ATTACHMENT ; FileName = \"a\\\"b.bin\"")).isEqualTo("a\"b.bin");
    assertThat(name("attachment; filename=my style v2.bin")).isEqualTo("my style v2.bin");
  }

  @Test
  void prefersTheExtendedFormInAnyOrder() {
    assertThat(name("attachment; filename=\"x\"; filename*=UTF-8''%E2%82%AC.bin"))
        .isEqualTo("€.bin");
    assertThat(name("attachment; filename*=iso-8859-1'en'%A3.bin; filename=x")).isEqualTo("£.bin");
  }

  @Test
  void fallsBackWhenTheExtendedFormIsBroken() {
    assertThat(name("attachment; filename=\"x.bin\"; filename*=UTF-8''%E2%8")).isEqualTo("x.bin");
    assertThat(name("attachment; filename=\"x.bin\"; filename*=UTF-8''%FF")).isEqualTo("x.bin");
    assertThat(name("attachment; filename=\"x.bin\"; filename*=klingon''a")).isEqualTo("x.bin");
  }

  @Test
  void readsRawUtf8ThatArrivesAsLatin1() {
    String raw =
        new String("über.bin".getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);

    assertThat(name("attachment; filename=\"" + raw + "\"")).isEqualTo("über.bin");
    assertThat(name("attachment; filename=\"\u00fcber.bin\"")).isEqualTo("über.bin");
  }

  @Test
  void hasNoNameWhenThereIsNone() {
    assertThat(ContentDisposition.fileName("attachment")).isEmpty();
    assertThat(ContentDisposition.fileName("attachment; filename=\"\"")).isEmpty();
    assertThat(ContentDisposition.fileName(";;=;")).isEmpty();
  }
}
