package athanor.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import athanor.error.AthanorException;
import athanor.error.MaskedText;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SecretTest {
  @Test
  void showsNothing() {
    Secret secret = Secret.of(" hf_abc\r\n");

    assertThat(secret.reveal()).isEqualTo("hf_abc");
    assertThat(secret).hasToString("[secret]");
    assertThat(Credential.bearer(secret, Set.of(), "HF_TOKEN").toString()).doesNotContain("hf_abc");
  }

  @Test
  void isMaskedInEveryMessageFromThenOn() {
    Secret.of("n0-form-of-a-token");

    assertThat(MaskedText.of("bad token n0-form-of-a-token!")).isEqualTo("bad token [secret]!");
  }

  @Test
  void refusesWhatNoHeaderMayCarry() {
    for (String text : new String[] {"", "  ", "a b", "a\r\nX-Evil: 1", "tök"}) {
      assertThatThrownBy(() -> Secret.of(text)).isInstanceOf(AthanorException.class);
    }
  }
}
